package melgauge.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, as 64 lower-case hexadecimal digits. Thread-safe. */
public final class FileDigest {
    private FileDigest() {}

    /** The digest of a file's bytes. */
    public static String of(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * The digest of an audio file's bytes.
     *
     * @throws AudioException if it cannot be read to its end
     */
    public static String ofAudio(Path file) throws AudioException {
        try {
            return of(file);
        } catch (NoSuchFileException e) {
            throw new AudioException(Failure.Code.MISSING, "there is no such file", e);
        } catch (AccessDeniedException e) {
            throw new AudioException(Failure.Code.UNREADABLE, "may not be read (permission denied)", e);
        } catch (IOException e) {
            throw new AudioException(Failure.Code.UNREADABLE, "cannot be read: " + e.getMessage(), e);
        }
    }

    /** The digest of some bytes. */
    public static String of(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    /** A new computation of a digest. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
