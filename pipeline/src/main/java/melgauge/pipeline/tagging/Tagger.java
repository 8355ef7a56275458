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
import melgauge.data.FileDigest;
import melgauge.data.catalog.RowJournal;
import melgauge.features.FrameSource;
import melgauge.model.ModelBundle;
import melgauge.model.Regressor;
import melgauge.model.Target;
import melgauge.model.TrackPrediction;
import melgauge.model.TrackPredictor;
import melgauge.pipeline.ExtractTask;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.TrackOutcome;
import melgauge.pipeline.Workers;

/**
 * Predicts many files. Worker threads decode and extract, this thread sends patches of several tracks through the
 * network at once. Finished rows are kept in a journal beside the output: an interrupted job goes on where it was, and
 * the table is written when every row is there.
 */
public final class Tagger {
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

    /** The name of the engine that the model needs. */
    public String engine() {
        return bundle.engine();
    }

    /** Tells whether an interrupted job is still the same: same model, same inputs. */
    private String identity(Inputs inputs) throws IOException {
        StringBuilder text = new StringBuilder(FileDigest.of(model));
        for (Inputs.Track track : inputs.tracks()) {
            text.append('\n').append(track.path()).append('\n').append(track.file());
        }
        return FileDigest.of(text.toString().getBytes(StandardCharsets.UTF_8));
    }

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
            TrackPredictor predictor =
                    new TrackPredictor(regressor, bundle.patch(), bundle.normalizer(), ModelBundle.BATCH);
            ExtractTask<Integer> extract = new ExtractTask<>(
                    bundle.features(), number -> tracks.get(number).file());
            workers.map(open.iterator(), extract, outcome -> {
                int number = outcome.item();
                String path = tracks.get(number).path();
                if (outcome instanceof TrackOutcome.Failed<Integer> failed) {
                    put(journal, number, TagRow.error(path, failed.failure().toString()));
                } else if (outcome instanceof TrackOutcome.Extracted<Integer> extracted) {
                    predictor.add(
                            FrameSource.of(extracted.spectrogram()),
                            prediction -> put(journal, number, row(path, extracted.seconds(), prediction)));
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

    private TagRow row(String path, double seconds, TrackPrediction prediction) {
        List<Target> targets = bundle.targets();
        return new TagRow(
                path,
                prediction.isShort() ? "short" : "ok",
                "",
                seconds,
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
}
