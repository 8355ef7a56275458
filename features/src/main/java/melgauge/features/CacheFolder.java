package melgauge.features;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import melgauge.data.AtomicFile;

/**
 * The folder of a {@link FeatureCache} as a whole, with the entries of all feature settings: which files belong to it,
 * and whether they are sound. Files that are named in any other way are nobody's here and are never reported.
 * Thread-safe.
 *
 * @param root the folder
 */
public record CacheFolder(Path root) {
    /** How many digits of a {@link FeatureSpec#id()} are part of a file's name. */
    private static final int SPEC_DIGITS = 16;

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern FAN_OUT = Pattern.compile("[0-9a-f]{2}");
    private static final String NAME = "([0-9a-f]{64})-([0-9a-f]{" + SPEC_DIGITS + "})\\.npy";
    private static final Pattern ENTRY = Pattern.compile(NAME);
    private static final Pattern LEFTOVER =
            Pattern.compile("\\." + NAME + "\\.[0-9a-f-]{36}" + Pattern.quote(AtomicFile.TEMPORARY));

    /**
     * A file of the cache.
     *
     * @param file where it is
     * @param sha256 of the audio file's bytes
     * @param specName the settings, see {@link #specName}
     * @param temporary whether it is still being written, or was when its writer was killed
     * @param bytes its length
     * @param modified when it was last written to
     */
    public record Item(Path file, String sha256, String specName, boolean temporary, long bytes, Instant modified) {}

    /** The part of a {@link FeatureSpec#id()} that stands in the names of files. */
    public static String specName(String specId) {
        return specId.substring(0, SPEC_DIGITS);
    }

    /**
     * Where the spectrogram of an audio file is or would be.
     *
     * @param sha256 SHA-256 of the audio file's bytes, 64 lower-case hexadecimal digits
     * @param specId identity of the feature settings, or its {@link #specName}
     * @throws IllegalArgumentException if the digest is anything else
     */
    public Path file(String sha256, String specId) {
        if (!SHA256.matcher(sha256).matches()) {
            throw new IllegalArgumentException("sha256=" + sha256 + " must be 64 lower-case hexadecimal digits");
        }
        return root.resolve(sha256.substring(0, 2))
                .resolve(sha256.substring(2, 4))
                .resolve(sha256 + "-" + specName(specId) + ".npy");
    }

    /**
     * All files of the cache, by name. Links inside the folder are not followed.
     *
     * @throws IOException naming what cannot be read
     */
    public List<Item> items() throws IOException {
        List<Item> items = new ArrayList<>();
        Files.walkFileTree(root, EnumSet.noneOf(java.nio.file.FileVisitOption.class), 3, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return folder.equals(root)
                                || FAN_OUT.matcher(folder.getFileName().toString())
                                        .matches()
                        ? FileVisitResult.CONTINUE
                        : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile()) {
                    item(file, attributes).ifPresent(items::add);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException && !file.equals(root)) {
                    return FileVisitResult.CONTINUE; // renamed or removed by another process meanwhile
                }
                throw new IOException("cannot read " + file + ": " + e.getMessage(), e);
            }
        });
        items.sort((a, b) -> a.file().compareTo(b.file()));
        return items;
    }

    private Optional<Item> item(Path file, BasicFileAttributes attributes) {
        String name = file.getFileName().toString();
        boolean temporary = name.startsWith(".");
        Matcher matcher = (temporary ? LEFTOVER : ENTRY).matcher(name);
        // A name in the wrong place is not one that this program wrote.
        if (!matcher.matches()
                || !file(matcher.group(1), matcher.group(2))
                        .resolveSibling(name)
                        .equals(file)) {
            return Optional.empty();
        }
        return Optional.of(new Item(
                file,
                matcher.group(1),
                matcher.group(2),
                temporary,
                attributes.size(),
                attributes.lastModifiedTime().toInstant()));
    }

    /**
     * Reads a whole entry and compares it with what was stored.
     *
     * @return what is wrong with it, in a sentence that names the file; empty if nothing is
     */
    public static Optional<String> defect(Path file, FeatureCache.Stored stored) {
        try {
            Npy.Header header = Npy.readHeader(file);
            if (header.fileLength() != stored.bytes()) {
                return Optional.of(
                        file + " is " + header.fileLength() + " bytes long, but " + stored.bytes() + " were stored");
            }
            if (header.rows() != stored.frames()) {
                return Optional.of(file + " has " + header.rows() + " frames, but " + stored.frames() + " were stored");
            }
            long checksum = Npy.checksum(file, header);
            return checksum == stored.checksum()
                    ? Optional.empty()
                    : Optional.of(String.format(
                            "%s has the checksum %08x, but %08x was stored", file, checksum, stored.checksum()));
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
