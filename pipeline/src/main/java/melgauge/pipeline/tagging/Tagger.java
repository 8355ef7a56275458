package melgauge.pipeline.tagging;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import melgauge.data.AtomicFile;
import melgauge.data.FileDigest;
import melgauge.data.TargetNames;
import melgauge.data.UsageException;
import melgauge.data.catalog.BatchCatalog;
import melgauge.data.io.FloatBytes;
import melgauge.model.ModelBundle;
import melgauge.model.engine.Execution;
import melgauge.model.inference.Inference;
import melgauge.model.inference.TrackPrediction;
import melgauge.model.task.Target;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.decoding.Limits;
import org.jspecify.annotations.Nullable;

/**
 * Predicts whole libraries. Each result is kept in a catalogue beside the output as soon as it is there; the tables are
 * written from it, whole, when every input has one. So an interrupted job goes on where it was and ends with the same bytes,
 * and a job that is run again works only on what is new or has changed. Not thread-safe.
 *
 * <p>Files are decoded in worker processes: one that is broken or hostile becomes a row with an error.
 *
 * <pre>{@code
 * Tagger tagger = Tagger.open(Path.of("mood.melgauge"));
 * tagger.predict(
 *         inputs -> {
 *             for (Path file : files) {
 *                 inputs.add(file.toString(), file, null);
 *             }
 *         },
 *         (path, row) -> System.out.println(path + ": " + (row.failed() ? row.error() : row.values())),
 *         Monitor.SILENT);
 * }</pre>
 */
public final class Tagger {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ModelBundle bundle;
    private final String maker;
    private final Execution execution;
    private final int threads;
    private final Limits limits;

    /**
     * A tagger with a model.
     *
     * @param execution where the networks compute
     * @param threads each with a worker process that decodes
     * @param limits of what one file may cost
     *
     * @throws UsageException if the model's targets have names of columns of the table
     */
    public Tagger(Path model, Execution execution, int threads, Limits limits) throws IOException {
        this.bundle = ModelBundle.read(model);
        TargetNames.problem(bundle.targets().stream().map(Target::name).toList())
                .ifPresent(problem -> {
                    throw new UsageException(
                            model + ": " + problem + "; rename the column in the manifest and train again");
                });
        this.maker = FileDigest.of(model);
        this.execution = execution;
        this.threads = threads;
        this.limits = limits;
    }

    /**
     * A tagger with a model, with the defaults of {@code melgauge tag}.
     *
     * @throws IOException naming the file, if it is no model
     */
    public static Tagger open(Path model) throws IOException {
        return new Tagger(model, Execution.defaults(), Runtime.getRuntime().availableProcessors(), Limits.defaults());
    }

    /** The format of rows on a stream. */
    public enum StreamFormat {
        CSV(TagTable.Format.CSV),
        JSONL(TagTable.Format.JSONL);

        private final TagTable.Format table;

        StreamFormat(TagTable.Format table) {
            this.table = table;
        }
    }

    /** Lists the inputs, in order. */
    @FunctionalInterface
    public interface Source {
        void list(BatchCatalog.Adder adder) throws IOException;
    }

    /**
     * What became of a job.
     *
     * @param rows how many inputs there were
     * @param errors how many of them have no prediction
     * @param seen how many are files that trained or validated the model
     * @param earlier how many needed no work, because all was known of their files when it was their turn
     * @param tagged how many files were written into
     * @param untagged how many inputs have a prediction that was to go into the file and could not
     */
    public record Summary(long rows, long errors, long seen, long earlier, long tagged, long untagged) {}

    /** What the model predicts, in the order of a row's values. */
    public List<Target> targets() {
        return bundle.targets();
    }

    /**
     * Predicts all inputs and writes the tables.
     *
     * @throws IOException if the output cannot be written, or another process is writing it; what was computed is kept
     * @throws UsageException before any work, if tags were asked for and the targets' names cannot be told apart in them
     */
    public Summary tag(Source source, TagJob job, Monitor monitor) throws IOException, InterruptedException {
        Path output = job.output();
        FileTags.Names names = job.writeTags() ? FileTags.Names.of(bundle.targets(), maker) : null;
        requireWritable(output);
        try (BatchCatalog catalog = BatchCatalog.of(output)) {
            for (Path other : job.others()) {
                AtomicFile.removeLeftovers(other);
            }
            if (!catalog.notice().isEmpty()) {
                monitor.say(catalog.notice());
            }
            long inputs = catalog.setInputs(source::list);
            long earlier = predict(catalog, inputs, job, monitor);
            FileTags.Count count = names == null
                    ? new FileTags.Count(0, 0)
                    : new FileTags(names, catalog, maker, threads).write(inputs, job.retry(), monitor);
            catalog.flush();
            TagFiles files = new TagFiles(bundle, catalog, maker);
            if (job.segments() != null) {
                files.writeSegments(job.segments());
            }
            if (job.embeddings() != null) {
                files.writeEmbeddings(job.embeddings());
            }
            // Last: where it is, all is.
            TagRows rows = new TagRows(bundle.targets(), job.writeTags());
            files.writeTable(output, rows);
            rows.failures(output.toString()).forEach(monitor::say);
            return new Summary(inputs, rows.errors(), rows.seen(), earlier, count.tagged(), count.untagged());
        }
    }

    /** Takes rows in the order of the inputs, one at a time. */
    @FunctionalInterface
    public interface Receiver {
        void accept(String path, TagRow row) throws IOException;
    }

    /**
     * Predicts all inputs and hands each row on as soon as it and all before it are known. Inputs are taken while they are
     * being listed. Nothing is kept, so an interrupted job begins from the start.
     *
     * @param source is asked on a thread of its own
     * @throws IOException if the receiver throws it
     */
    public Summary predict(Source source, Receiver receiver, Monitor monitor) throws IOException, InterruptedException {
        return predict(source, receiver, new TagRows(bundle.targets(), false), monitor);
    }

    /**
     * Predicts all inputs and writes the table of predictions to a stream, as CSV or JSON lines; otherwise like
     * {@link #predict}.
     */
    public Summary stream(Source source, OutputStream out, StreamFormat format, Monitor monitor)
            throws IOException, InterruptedException {
        TagRows rows = new TagRows(bundle.targets(), false);
        TagTable.Sink sink = new TagTable(rows.columns()).stream(out, format.table);
        Summary summary = predict(source, (path, row) -> sink.accept(rows.cells(path, row)), rows, monitor);
        rows.failures("the output").forEach(monitor::say);
        return summary;
    }

    private Summary predict(Source source, Receiver receiver, TagRows rows, Monitor monitor)
            throws IOException, InterruptedException {
        try (ListedInputs inputs = new ListedInputs(source);
                Monitor.Task task = monitor.begin("tagging", "tracks")) {
            InOrder order = new InOrder(
                    (path, row) -> {
                        rows.count(path, row);
                        receiver.accept(path, row);
                    },
                    inputs::finished);
            new LibraryPredictor(bundle, execution, threads, limits, Inference.Wanted.NOTHING)
                    .predict(
                            inputs.usable(order),
                            input -> Objects.requireNonNull(input.file()),
                            (input, outcome) -> order.put(input.number(), input.path(), row(outcome)),
                            () -> task.at(order.count(), inputs.found()));
        }
        return new Summary(rows.rows(), rows.errors(), rows.seen(), 0, 0, 0);
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

    /** Returns how many inputs were known before. */
    private long predict(BatchCatalog catalog, long inputs, TagJob job, Monitor monitor)
            throws IOException, InterruptedException {
        Inference.Wanted wanted = new Inference.Wanted(job.segments() != null, job.embeddings() != null);
        Backlog backlog = new Backlog(catalog, maker, wanted, job.retry());
        if (!backlog.hasNext()) {
            return backlog.known();
        }
        if (backlog.known() > 0) {
            monitor.say("tag: going on after " + backlog.known() + " tracks that are finished");
        }
        long[] done = new long[1];
        try (Monitor.Task task = monitor.begin("tagging", "tracks")) {
            new LibraryPredictor(bundle, execution, threads, limits, wanted)
                    .predict(
                            backlog,
                            Backlog.Item::file,
                            (item, outcome) -> catalog.put(maker, item.file(), result(item, outcome, wanted)),
                            () -> task.at(backlog.known() + backlog.unusable() + ++done[0], inputs));
        }
        return backlog.known();
    }

    private BatchCatalog.Result result(Backlog.Item item, TrackOutcome outcome, Inference.Wanted wanted)
            throws IOException {
        String row = json(row(outcome));
        if (!(outcome instanceof TrackOutcome.Predicted predicted)) {
            return new BatchCatalog.Result(item.status(), row, null, null);
        }
        return new BatchCatalog.Result(
                item.status(),
                row,
                wanted.series() ? FloatBytes.of(predicted.answer().series()) : null,
                wanted.vector() ? FloatBytes.of(predicted.answer().vector()) : null);
    }

    private TagRow row(TrackOutcome outcome) {
        if (outcome instanceof TrackOutcome.Failed failed) {
            return TagRow.error(failed.failure());
        }
        TrackOutcome.Predicted predicted = (TrackOutcome.Predicted) outcome;
        TrackPrediction prediction = predicted.answer().prediction();
        List<Target> targets = bundle.targets();
        return new TagRow(
                prediction.isShort() ? "short" : "ok",
                "",
                predicted.reading().seconds(),
                predicted.frames(),
                prediction.patches(),
                Flags.of(
                        predicted.reading(),
                        bundle.baseline().distance(predicted.statistics()),
                        predicted.seen() != null),
                IntStream.range(0, targets.size())
                        .mapToObj(
                                t -> targets.get(t).scale().fromUnit(prediction.mean()[t]))
                        .toList(),
                IntStream.range(0, targets.size())
                        .mapToObj(t ->
                                targets.get(t).scale().widthFromUnit(prediction.spread()[t]))
                        .toList(),
                null);
    }

    /** A row as it was recorded; that of an input which could not even be tried. */
    static TagRow row(BatchCatalog.Input input, BatchCatalog.@Nullable Result result) throws IOException {
        if (input.failure() != null) {
            return TagRow.error(input.failure());
        }
        if (result == null) {
            throw new IllegalStateException("input " + input.number() + " has no result");
        }
        return row(result);
    }

    static TagRow row(BatchCatalog.Result result) throws IOException {
        return JSON.readValue(result.json(), TagRow.class);
    }

    /** A row as it is recorded. */
    static String json(TagRow row) throws IOException {
        return JSON.writeValueAsString(row);
    }
}
