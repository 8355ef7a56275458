package melgauge.data;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.Objects;

/**
 * Why nothing was made of a file.
 *
 * @param code the kind, for programs
 * @param reason a sentence, without the file's name
 */
public record Failure(Code code, String reason) {
    /** Kinds of failure. Their words are stable: scripts rely on them. */
    public enum Code {
        /** There is no such file, or it was gone before it was read. */
        MISSING,
        /** It may not be read, or the disk fails. */
        UNREADABLE,
        /** It may not be written. */
        UNWRITABLE,
        /** A folder, a pipe or a device. */
        NOT_A_FILE,
        /** No bytes. */
        EMPTY,
        /** In no known format. */
        NOT_AUDIO,
        /** A known format, without audio. */
        NO_AUDIO,
        /** Audio that cannot be decoded by this build. */
        UNSUPPORTED,
        /** Audio of which nothing can be decoded. */
        DAMAGED,
        /** Too little audio. */
        TOO_SHORT,
        /** More audio than is allowed. */
        TOO_LONG,
        /** It took longer than is allowed. */
        TIMEOUT,
        /** It took more memory than is allowed. */
        MEMORY,
        /** The process that decoded it died. */
        CRASH,
        /** A model answers with what is no number. */
        NO_ANSWER;

        /** The word in tables: {@code not-a-file}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** What kept a file from being looked up or opened. */
    public static Failure of(IOException e) {
        if (e instanceof NoSuchFileException) {
            return new Failure(Code.MISSING, "there is no such file");
        }
        if (e instanceof AccessDeniedException) {
            return new Failure(Code.UNREADABLE, "may not be read (permission denied)");
        }
        String reason = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return new Failure(Code.UNREADABLE, "cannot be read: " + Objects.requireNonNullElse(reason, e.toString()));
    }

    /** What kept a file or a folder from being made or written, in words, without its name. */
    public static String toWrite(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "there is a file in its place";
        }
        String reason = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return Objects.requireNonNullElse(reason, e.toString());
    }

    /** Code and reason, as tables have them: {@code missing: there is no such file}. */
    @Override
    public String toString() {
        return code.word() + ": " + reason;
    }
}
