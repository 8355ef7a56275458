package melgauge.data;

import java.io.IOException;

/** One audio file could not be used, mostly not turned into samples. The message says why in a sentence, without the file's name. */
public class AudioException extends IOException {
    private final Failure.Code code;

    public AudioException(Failure.Code code, String message) {
        super(message);
        this.code = code;
    }

    public AudioException(Failure.Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** Why, for programs and for readers. */
    public Failure failure() {
        return new Failure(code, String.valueOf(getMessage()));
    }
}
