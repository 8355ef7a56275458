package melgauge.pipeline.tagging;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import melgauge.data.UsageException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The tracks that some paths stand for: a file stands for itself, a folder for the audio files below it in the order of
 * their names, a playlist ({@code .m3u}, {@code .m3u8}) and a manifest ({@code .csv} with a column {@code path}) for
 * what they list.
 *
 * @param tracks in order
 * @param skipped files in folders that are not audio by their names
 */
public record Inputs(List<Track> tracks, int skipped) {
    private static final Set<String> AUDIO = Set.of(
            "mp3", "ogg", "oga", "opus", "flac", "wav", "wave", "m4a", "m4b", "mp4", "aac", "aif", "aiff", "aifc",
            "wma", "wv", "ape", "mka", "webm", "ac3", "amr", "au", "caf", "dsf", "mp2", "mpc", "tta", "w64", "spx",
            "mov");

    public Inputs {
        tracks = List.copyOf(tracks);
    }

    /**
     * A file to predict.
     *
     * @param path names it in the output
     * @param file where it is
     */
    public record Track(String path, Path file) {}

    /**
     * Finds the tracks.
     *
     * @throws UsageException if there are none, or a list cannot be read
     */
    public static Inputs of(List<Path> paths) throws IOException {
        Finder finder = new Finder();
        for (Path path : paths) {
            finder.add(path);
        }
        if (finder.tracks.isEmpty()) {
            throw new UsageException("no audio files in "
                    + String.join(", ", paths.stream().map(Path::toString).toList())
                    + (finder.skipped > 0 ? " (" + finder.skipped + " other files skipped)" : "")
                    + "; name files, folders, playlists or manifests");
        }
        return new Inputs(finder.tracks, finder.skipped);
    }

    private static final class Finder extends SimpleFileVisitor<Path> {
        private final List<Track> tracks = new ArrayList<>();
        private int skipped;

        void add(Path path) throws IOException {
            switch (extension(path)) {
                case "m3u", "m3u8" -> playlist(path);
                case "csv" -> manifest(path);
                default -> {
                    if (Files.isDirectory(path)) {
                        folder(path);
                    } else {
                        tracks.add(new Track(path.toString(), path));
                    }
                }
            }
        }

        private void folder(Path folder) throws IOException {
            int before = tracks.size();
            Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), 64, this);
            tracks.subList(before, tracks.size()).sort((a, b) -> a.file().compareTo(b.file()));
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (AUDIO.contains(extension(file)) && !attributes.isDirectory()) {
                tracks.add(new Track(file.toString(), file));
            } else {
                skipped++;
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            // A circle of links, or a folder that may not be read: the rest can still be found.
            skipped++;
            return FileVisitResult.CONTINUE;
        }

        private void playlist(Path list) throws IOException {
            String text;
            try {
                text = new String(Files.readAllBytes(list), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UsageException(list + " cannot be read as a playlist: " + e.getMessage(), e);
            }
            for (String line : text.lines().toList()) {
                String entry = line.strip().replace("\uFEFF", "");
                if (!entry.isEmpty() && !entry.startsWith("#")) {
                    tracks.add(new Track(entry, resolve(list, entry)));
                }
            }
        }

        private void manifest(Path csv) throws IOException {
            try (Reader reader = Files.newBufferedReader(csv);
                    CSVParser parser = CSVParser.parse(
                            reader,
                            CSVFormat.RFC4180
                                    .builder()
                                    .setHeader()
                                    .setSkipHeaderRecord(true)
                                    .get())) {
                if (!parser.getHeaderMap().containsKey("path")) {
                    throw new UsageException(csv + ":1: there is no column path");
                }
                for (CSVRecord row : parser) {
                    tracks.add(new Track(row.get("path"), resolve(csv, row.get("path"))));
                }
            } catch (IOException | IllegalArgumentException e) {
                throw new UsageException(csv + " cannot be read as a manifest: " + e.getMessage(), e);
            }
        }

        private static Path resolve(Path list, String entry) {
            try {
                return list.resolveSibling(entry);
            } catch (InvalidPathException e) {
                // Gets its own row, which says that there is no such file.
                return list.resolveSibling("\uFFFD");
            }
        }
    }

    private static String extension(Path path) {
        String name = path.getFileName() == null ? "" : path.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
