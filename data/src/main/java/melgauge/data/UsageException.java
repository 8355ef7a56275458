package melgauge.data;

/**
 * Something that the user gave is wrong: a setting, an argument, a manifest. The message is written for the user: it
 * names the value, where it stands, the limit and the remedy, and is printed without a stack trace.
 */
public class UsageException extends RuntimeException {
    public UsageException(String message) {
        super(message);
    }

    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
