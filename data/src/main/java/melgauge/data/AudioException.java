package melgauge.data;

import java.io.IOException;

/** One audio file could not be turned into samples. The message says why in a sentence, without the file's name. */
public class AudioException extends IOException {
    public AudioException(String message) {
        super(message);
    }

    public AudioException(String message, Throwable cause) {
        super(message, cause);
    }
}
