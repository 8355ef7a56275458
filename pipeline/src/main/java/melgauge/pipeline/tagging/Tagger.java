package melgauge.pipeline.tagging;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import melgauge.data.AudioException;
import melgauge.data.Decoded;
import melgauge.data.Decoder;
import melgauge.data.FileDigest;
import melgauge.data.catalog.RowJournal;
import melgauge.features.FeatureExtractor;
import melgauge.features.FrameSource;
import melgauge.features.MelSpec;
import melgauge.features.Spectrogram;
import melgauge.model.ModelBundle;
import melgauge.model.Regressor;
import melgauge.model.Target;
import melgauge.model.TrackPrediction;
import melgauge.model.TrackPredictor;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.TrackTask;
import melgauge.pipeline.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Predicts many files. Worker threads decode and extract, this thread sends patches of several tracks through the
 * network at once. Finished rows are kept in a journal beside the output: an interrupted job goes on where it was, and
 * the table is written when every row is there.
 */
public final class Tagger {
    private static final int BATCH = 16;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path model;
    private final ModelBundle bundle;
    private final int threads;

    /** A tagger with a model, on so many decoding threads. */
    public Tagger(Path model, int threads) throws IOException {
        this.model = model;
        this.bundle = ModelBundle.read(model);
        this.threads = threads;
    }

    /**
     * What became of a job.
     *
     * @param rows how many inputs there were
     * @param errors how many of them have no prediction
     * @param earlier how many were finished before, by an interrupted job
     */
    public record Summary(long rows, long errors, long earlier) {}

    /** Predicts all inputs and writes the table. */
    public Summary tag(Inputs inputs, Path output, Monitor monitor) throws IOException, InterruptedException {
        TagTable.Format format = TagTable.Format.of(output);
        Path journalFile = output.resolveSibling(output.getFileName() + ".journal");
        requireWritable(output);
        try (RowJournal journal = RowJournal.open(journalFile, identity(inputs))) {
            long earlier = journal.size();
            if (earlier > 0) {
                monitor.say("tag: going on after " + earlier + " finished tracks");
            }
            predict(inputs.tracks(), journal, monitor);
            long[] errors = new long[1];
            TagTable.write(
                    output,
                    format,
                    bundle.targets(),
                    sink -> journal.forEach((number, json) -> {
                        TagRow row = JSON.readValue(json, TagRow.class);
                        errors[0] += row.failed() ? 1 : 0;
                        sink.accept(row);
                    }));
            journal.delete();
            return new Summary(inputs.tracks().size(), errors[0], earlier);
        }
    }

    private static void requireWritable(Path output) throws IOException {
        Path folder = output.toAbsolutePath().getParent();
        if (Files.isDirectory(output) || folder == null) {
            throw new IOException("cannot write " + output + ": it is a folder; --out must name a file");
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new IOException("cannot write " + output + ": " + folder + " cannot be made", e);
        }
        try {
            // Permissions tell too little: try it.
            Files.delete(Files.createTempFile(folder, ".melgauge", ".tmp"));
        } catch (IOException e) {
            throw new IOException("cannot write " + output + ": nothing can be written into " + folder, e);
        }
    }

    /** Tells whether an interrupted job is still the same: same model, same inputs. */
    private String identity(Inputs inputs) throws IOException {
        StringBuilder text = new StringBuilder(FileDigest.of(model));
        for (Inputs.Track track : inputs.tracks()) {
            text.append('\n').append(track.path()).append('\n').append(track.file());
        }
        return FileDigest.of(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** A file on its way: its number, and its spectrogram or what is wrong. */
    private record Extracted(
            int number, String path, @Nullable Spectrogram spectrogram, double seconds, String error) {}

    private void predict(List<Inputs.Track> tracks, RowJournal journal, Monitor monitor)
            throws IOException, InterruptedException {
        List<Integer> open = new ArrayList<>();
        for (int i = 0; i < tracks.size(); i++) {
            if (!journal.contains(i)) {
                open.add(i);
            }
        }
        int before = tracks.size() - open.size();
        int[] done = {before};
        try (Regressor regressor = bundle.open();
                Workers workers = new Workers(threads);
                Monitor.Task task = monitor.begin("tagging", "tracks")) {
            TrackPredictor predictor = new TrackPredictor(regressor, bundle.patch(), bundle.normalizer(), BATCH);
            workers.map(open.iterator(), new Extract(tracks, bundle.features()), extracted -> {
                Spectrogram spectrogram = extracted.spectrogram();
                if (spectrogram == null) {
                    put(journal, extracted.number(), TagRow.error(extracted.path(), extracted.error()));
                } else {
                    predictor.add(
                            FrameSource.of(spectrogram),
                            prediction -> put(journal, extracted.number(), row(extracted, prediction)));
                }
                done[0]++;
                task.at(done[0], tracks.size());
            });
            predictor.flush();
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static void put(RowJournal journal, int number, TagRow row) {
        try {
            journal.put(number, JSON.writeValueAsString(row));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private TagRow row(Extracted extracted, TrackPrediction prediction) {
        List<Target> targets = bundle.targets();
        return new TagRow(
                extracted.path(),
                prediction.isShort() ? "short" : "ok",
                "",
                extracted.seconds(),
                prediction.patches(),
                IntStream.range(0, targets.size())
                        .mapToObj(
                                t -> targets.get(t).scale().fromUnit(prediction.mean()[t]))
                        .toList(),
                IntStream.range(0, targets.size())
                        .mapToObj(t ->
                                targets.get(t).scale().widthFromUnit(prediction.spread()[t]))
                        .toList());
    }

    private record Extract(List<Inputs.Track> tracks, MelSpec spec) implements TrackTask<Integer, Extracted> {
        @Override
        public Worker<Integer, Extracted> open() {
            Decoder decoder = Decoder.standard();
            FeatureExtractor extractor = spec.kind().open(spec);
            return number -> {
                Inputs.Track track = tracks.get(number);
                try {
                    Decoded decoded = decoder.decode(track.file(), spec.sampleRate());
                    Spectrogram spectrogram = extractor.extract(decoded.audio());
                    return spectrogram.frames() == 0
                            ? new Extracted(number, track.path(), null, 0, "is too short for a single frame")
                            : new Extracted(
                                    number,
                                    track.path(),
                                    spectrogram,
                                    decoded.audio().seconds(),
                                    "");
                } catch (AudioException e) {
                    return new Extracted(number, track.path(), null, 0, String.valueOf(e.getMessage()));
                } catch (OutOfMemoryError e) {
                    return new Extracted(
                            number, track.path(), null, 0, "is too long for the memory; raise -Xmx in JAVA_OPTS");
                }
            };
        }
    }
}
