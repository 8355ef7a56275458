package melgauge.pipeline.corpora;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import melgauge.data.AtomicFile;
import melgauge.data.Manifest;
import melgauge.data.Scale;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.data.UsageException;
import melgauge.pipeline.results.Csv;

/** Writes the manifest of a published corpus and the settings of a run on it. */
public final class CorpusWriter {
    /** The manifest. */
    public static final String MANIFEST = "labels.csv";

    /** The settings. */
    public static final String SETTINGS = "run.yaml";

    /** With fewer tracks, a network of the default width learns no better than a narrower one (docs/training.md). */
    private static final int FEW_TRACKS = 3000;

    /** With more tracks, an epoch sees enough for fewer of them to do. */
    private static final int MANY_TRACKS = 10_000;

    private CorpusWriter() {}

    /**
     * Reads a corpus and writes both files, neither of which may be there.
     *
     * @param folder where the corpus was unpacked
     * @param output where the files go
     * @return what the user should know, a sentence each
     * @throws UsageException if a file of the layout is missing, or one of those to write is there
     */
    public static List<String> write(PublishedCorpus corpus, Path folder, Path output) throws IOException {
        Path manifest = output.resolve(MANIFEST);
        Path settings = output.resolve(SETTINGS);
        for (Path file : List.of(manifest, settings)) {
            if (Files.exists(file)) {
                throw new UsageException(file + " is there already; it is not overwritten");
            }
        }
        CorpusListing listing = corpus.read(folder);
        List<String> notes = new ArrayList<>(listing.notes());
        List<CorpusListing.Row> rows = withoutTornGroups(listing.tracks(), notes);
        Files.createDirectories(output);
        writeManifest(manifest, listing, rows);
        AtomicFile.writeString(settings, settings(corpus, listing, output));
        // What was written is read as a run will read it.
        Map<String, Scale> scales = scales(listing);
        Manifest written = Manifest.read(manifest, listing.audio(), List.of(), scales);
        notes.addAll(written.notes());
        notes.add(audio(written.tracks(), listing.audio()));
        return notes;
    }

    private static Map<String, Scale> scales(CorpusListing listing) {
        Map<String, Scale> scales = new HashMap<>();
        if (!listing.scale().equals(Scale.UNIT)) {
            listing.targets().forEach(target -> scales.put(target, listing.scale()));
        }
        return scales;
    }

    /** Groups that the authors' split tears apart cannot be kept together as well. */
    private static List<CorpusListing.Row> withoutTornGroups(List<CorpusListing.Row> rows, List<String> notes) {
        Map<String, Set<Subset>> sides = new HashMap<>();
        Set<String> free = new HashSet<>();
        for (CorpusListing.Row row : rows) {
            if (row.side() == null) {
                free.add(row.group());
            } else {
                sides.computeIfAbsent(row.group(), none -> EnumSet.noneOf(Subset.class))
                        .add(row.side());
            }
        }
        Predicate<CorpusListing.Row> torn = row -> {
            Set<Subset> own = sides.getOrDefault(row.group(), Set.of());
            return !row.group().isEmpty() && own.size() + (free.contains(row.group()) ? 1 : 0) > 1 && !own.isEmpty();
        };
        long count = rows.stream()
                .filter(torn)
                .map(CorpusListing.Row::group)
                .distinct()
                .count();
        if (count > 0) {
            notes.add(count
                    + " artists are on both sides of the authors' split; their tracks have no group, and test scores"
                    + " are a little too good for it");
        }
        return rows.stream()
                .map(row -> torn.test(row) ? row.withoutGroup() : row)
                .toList();
    }

    private static void writeManifest(Path file, CorpusListing listing, List<CorpusListing.Row> rows)
            throws IOException {
        boolean groups = rows.stream().anyMatch(row -> !row.group().isEmpty());
        boolean sides = rows.stream().anyMatch(row -> row.side() != null);
        boolean ratings = rows.stream().anyMatch(row -> !row.ratings().isEmpty());
        boolean deviations = rows.stream().anyMatch(row -> !row.deviations().isEmpty());
        List<String> header = new ArrayList<>(List.of("path"));
        addIf(groups, "group", header);
        addIf(sides, "split", header);
        addIf(ratings, "ratings", header);
        for (String target : listing.targets()) {
            header.add(target);
            addIf(deviations, target + "_std", header);
        }
        Csv.write(file, header, printer -> {
            for (CorpusListing.Row row : rows) {
                List<String> cells = new ArrayList<>(List.of(row.path()));
                addIf(groups, row.group(), cells);
                addIf(sides, row.side() == null ? "" : row.side().word(), cells);
                addIf(ratings, row.ratings(), cells);
                for (int t = 0; t < listing.targets().size(); t++) {
                    cells.add(row.labels().get(t));
                    addIf(
                            deviations,
                            row.deviations().isEmpty() ? "" : row.deviations().get(t),
                            cells);
                }
                printer.printRecord(cells);
            }
        });
    }

    private static void addIf(boolean wanted, String cell, List<String> cells) {
        if (wanted) {
            cells.add(cell);
        }
    }

    private static String settings(PublishedCorpus corpus, CorpusListing listing, Path output) {
        StringBuilder text = new StringBuilder();
        text.append("# ")
                .append(corpus.name())
                .append(": ")
                .append(corpus.description())
                .append('\n');
        text.append("# Settings of a run: melgauge train run.yaml\n");
        text.append("corpus:\n  manifest: ").append(MANIFEST).append('\n');
        text.append("  audio: ")
                .append(quoted(relative(listing.audio(), output)))
                .append('\n');
        if (!listing.scale().equals(Scale.UNIT)) {
            text.append("  scale:\n");
            for (String target : listing.targets()) {
                text.append("    ")
                        .append(quoted(target))
                        .append(": [")
                        .append(listing.scale().low())
                        .append(", ")
                        .append(listing.scale().high())
                        .append("]\n");
            }
        }
        if (listing.tracks().size() < FEW_TRACKS) {
            text.append("# So few tracks are learnt as well by a narrower network, from longer patches.\n");
            text.append("patch: {frames: 512}\nnetwork: {conv: [16, 32, 64, 64, 64, 64]}\n");
        } else if (listing.tracks().size() > MANY_TRACKS) {
            text.append("# An epoch of so many tracks sees enough for fewer of them.\ntraining: {epochs: 20}\n");
        }
        return text.append("output: runs/").append(corpus.name()).append('\n').toString();
    }

    /** A path that starts from the run file's folder if it is below it, so that both can move together. */
    private static String relative(Path audio, Path output) {
        Path folder = output.toAbsolutePath().normalize();
        Path absolute = audio.toAbsolutePath().normalize();
        if (absolute.equals(folder)) {
            return ".";
        }
        return absolute.startsWith(folder) ? folder.relativize(absolute).toString() : absolute.toString();
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static String audio(List<Track> tracks, Path folder) {
        long missing = tracks.stream().filter(track -> track.failure() != null).count();
        return missing == 0
                ? "all " + tracks.size() + " audio files are in " + folder
                : missing + " of " + tracks.size() + " audio files are not in " + folder
                        + "; put them there, or set corpus.audio";
    }
}
