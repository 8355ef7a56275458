package melgauge.features;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import melgauge.data.AtomicFile;
import melgauge.data.AudioException;
import melgauge.data.Failure;

/**
 * Spectrograms on disk, addressed by what they were made of: {@code <root>/<aa>/<bb>/<audio>-<spec>.npy}, where audio is
 * the SHA-256 of the audio file's bytes, aa and bb are its first four digits, and spec is the first 16 digits of
 * {@link FeatureSpec#id()}. Equal audio is stored once, under whatever names it is filed, and caches of several specs share
 * a folder. NumPy opens the files: {@code numpy.load(file, mmap_mode="r")}.
 *
 * <p>Thread-safe, also against other processes: files appear whole, by renaming, and are never changed in place.
 */
public final class FeatureCache {
    private final CacheFolder folder;
    private final FeatureSpec spec;
    private final String specName;
    private final int bands;

    /**
     * What was stored.
     *
     * @param frames of the spectrogram
     * @param bytes length of the file
     * @param checksum CRC-32 of the numbers: of all bytes behind the header
     */
    public record Stored(int frames, long bytes, long checksum) {}

    /** The entries of one spec in a folder, which is created with the first entry. */
    public FeatureCache(Path root, FeatureSpec spec) {
        this.folder = new CacheFolder(root);
        this.spec = spec;
        this.specName = CacheFolder.specName(spec.id());
        this.bands = spec.bands();
    }

    /** The folder. */
    public Path root() {
        return folder.root();
    }

    /**
     * Where the spectrogram of an audio file is or would be.
     *
     * @param sha256 SHA-256 of the audio file's bytes, 64 lower-case hexadecimal digits
     * @throws IllegalArgumentException if it is anything else
     */
    public Path file(String sha256) {
        return folder.file(sha256, specName);
    }

    /** Whether there is an entry; {@link #open} tells whether it is sound. */
    public boolean contains(String sha256) {
        return Files.isRegularFile(file(sha256));
    }

    /**
     * Reads a whole entry and compares it with what was stored, and with the spec.
     *
     * @return what is wrong with it, in a sentence that names the file; empty if nothing is
     */
    public Optional<String> defect(String sha256, Stored stored) {
        try {
            return CacheFolder.defect(checked(sha256, (file, header) -> file), stored);
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Stores a spectrogram, replacing what was there.
     *
     * @throws IllegalArgumentException if it has another number of bands than the spec
     * @throws IOException naming the file, if it can't be written or would pass the 2 GiB that one mapping holds
     */
    public Stored put(String sha256, Spectrogram spectrogram) throws IOException {
        if (spectrogram.bands() != bands) {
            throw new IllegalArgumentException(
                    "the spectrogram has " + spectrogram.bands() + " bands, the spec asks for " + bands);
        }
        try (Entry entry = create(sha256)) {
            spectrogram.forEach(entry);
            Stored stored = entry.complete();
            entry.publish();
            return stored;
        }
    }

    /**
     * Begins an entry, to be filled frame by frame. It replaces what was there when it is published.
     *
     * @throws IOException naming the file, if it can't be written
     */
    public Entry create(String sha256) throws IOException {
        Path file = file(sha256);
        return new Entry(file, AtomicFile.Draft.of(file));
    }

    /** An entry under way. Closing it before it is published throws it away. For one thread. */
    public final class Entry implements FrameSink, AutoCloseable {
        private final Path file;
        private final AtomicFile.Draft draft;
        private final Npy.Writer writer;

        private Entry(Path file, AtomicFile.Draft draft) throws IOException {
            this.file = file;
            this.draft = draft;
            this.writer = new Npy.Writer(draft.channel(), spec.storage(), bands);
        }

        /**
         * Adds a frame.
         *
         * @throws AudioException if the entry would pass the 2 GiB that one mapping holds
         * @throws IOException if it can't be written, or holds a value too large for the storage
         */
        @Override
        public void accept(float[] frame) throws IOException {
            if ((writer.rows() + 1L) * bands * spec.storage().bytes() > Integer.MAX_VALUE - 1024) {
                throw new AudioException(
                        Failure.Code.TOO_LONG,
                        "its spectrogram is larger than the 2 GiB of a mapping; use features.excerpt,"
                                + " raise features.hopLength, or cut the audio into shorter files");
            }
            try {
                writer.accept(frame);
            } catch (IOException e) {
                throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
            }
        }

        /** Frames so far. */
        public int frames() {
            return writer.rows();
        }

        /** Ends the entry: no frame is to come, and it may be published by another thread. */
        public Stored complete() throws IOException {
            writer.finish();
            return new Stored(writer.rows(), draft.channel().size(), writer.checksum());
        }

        /** Forces a complete entry to disk and lets readers see it. */
        public void publish() throws IOException {
            draft.publish();
        }

        @Override
        public void close() throws IOException {
            draft.close();
        }
    }

    /**
     * Maps a stored spectrogram after checking its header and length, to be read here and there.
     *
     * @throws IOException naming the file, if it is missing, damaged or of another spec
     */
    public CachedSpectrogram open(String sha256) throws IOException {
        return checked(sha256, FeatureCache::map);
    }

    /**
     * Opens a stored spectrogram after checking its header and length, to be read once.
     *
     * @throws IOException naming the file, if it is missing, damaged or of another spec
     */
    public StoredSpectrogram read(String sha256) throws IOException {
        return checked(sha256, StoredSpectrogram::new);
    }

    /**
     * Like {@link #open}, for so many spectrograms that mappings would run out: it holds nothing while it is not read, and
     * opens the file anew for each reading, which takes some microseconds more. Thread-safe.
     *
     * @throws IOException naming the file, if it is missing, damaged or of another spec
     */
    public FrameSource revisit(String sha256) throws IOException {
        return checked(sha256, Revisited::new);
    }

    private record Revisited(Path file, Npy.Header header) implements FrameSource {
        @Override
        public int frames() {
            return header.rows();
        }

        @Override
        public int bands() {
            return header.columns();
        }

        @Override
        public void read(int firstFrame, int count, float[] into, int offset) {
            try (StoredSpectrogram stored = new StoredSpectrogram(file, header)) {
                stored.read(firstFrame, count, into, offset);
            } catch (IOException e) {
                throw new UncheckedIOException(file + " cannot be read any more: " + e.getMessage(), e);
            }
        }
    }

    private interface Opener<T> {
        T open(Path file, Npy.Header header) throws IOException;
    }

    private <T> T checked(String sha256, Opener<T> opener) throws IOException {
        Path file = file(sha256);
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is not in the cache; run prepare to make it");
        }
        try {
            Npy.Header header = Npy.readHeader(file);
            if (header.storage() != spec.storage() || header.columns() != bands) {
                throw new IOException(file + " holds " + header.columns() + " bands of "
                        + header.storage().descr() + ", the spec asks for " + bands + " of "
                        + spec.storage().descr());
            }
            return opener.open(file, header);
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "; delete " + file + " and run prepare again", e);
        }
    }

    private static CachedSpectrogram map(Path file, Npy.Header header) throws IOException {
        if (header.fileLength() > Integer.MAX_VALUE) {
            throw new IOException(file + " is " + header.fileLength() + " bytes long, one mapping holds at most "
                    + Integer.MAX_VALUE);
        }
        try (FileChannel channel = FileChannel.open(file)) {
            return new CachedSpectrogram(header, channel.map(MapMode.READ_ONLY, 0, header.fileLength()));
        }
    }
}
