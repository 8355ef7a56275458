package melgauge.pipeline.stages;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import melgauge.data.Audit;
import melgauge.data.AuditCsv;
import melgauge.data.AuditRow;
import melgauge.data.Track;
import melgauge.data.catalog.BatchCatalog;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.RunSpec;
import org.jspecify.annotations.Nullable;

/**
 * Audits files that nobody has labelled and fills the cache with their spectrograms, in memory that does not depend on how
 * many there are: each input has one row of an audit, in their order. The cache remembers what is done, so that an
 * interrupted job goes on where it was.
 */
public final class LibraryPreparation {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RunSpec spec;
    private final boolean verify;

    /**
     * @param spec features, cache, workers and limits of it count
     * @param verify whether to read again what seems unchanged
     */
    public LibraryPreparation(RunSpec spec, boolean verify) {
        this.spec = spec;
        this.verify = verify;
    }

    /**
     * What became of a job.
     *
     * @param rows how many inputs there were
     * @param suspect of them, how many are doubtful
     * @param rejected how many cannot be used
     */
    public record Summary(long rows, long suspect, long rejected) {}

    /**
     * Prepares all inputs and writes the audit.
     *
     * @throws IOException if it or the cache cannot be written, or another process is writing it; what was prepared is kept
     */
    public Summary prepare(BatchCatalog.Inputs inputs, Path audit, Monitor monitor)
            throws IOException, InterruptedException {
        Files.createDirectories(Objects.requireNonNull(audit.toAbsolutePath().getParent(), "a file is in a folder"));
        try (BatchCatalog batch = BatchCatalog.of(audit)) {
            long count = batch.setInputs(inputs);
            String maker = spec.features().id();
            extract(batch, maker, count, monitor);
            long[] suspect = new long[1];
            long[] rejected = new long[1];
            AuditCsv.write(
                    audit,
                    sink -> batch.forEach(maker, (input, result) -> {
                        AuditRow row = input.failure() != null
                                ? Audit.rejected(input.path(), input.failure(), "")
                                : JSON.readValue(Objects.requireNonNull(result).json(), AuditRow.class)
                                        .forPath(input.path());
                        suspect[0] += row.status() == AuditRow.Status.SUSPECT ? 1 : 0;
                        rejected[0] += row.status() == AuditRow.Status.REJECTED ? 1 : 0;
                        sink.accept(row);
                    }));
            return new Summary(count, suspect[0], rejected[0]);
        }
    }

    private void extract(BatchCatalog batch, String maker, long count, Monitor monitor)
            throws IOException, InterruptedException {
        TrackPreparation preparation = new TrackPreparation(spec, verify, monitor);
        try (Monitor.Task task = monitor.begin("spectrograms", "tracks")) {
            preparation.each(batch.inputs(LibraryPreparation::item), (item, outcome) -> {
                // Whether a file has changed is known to the cache's own catalogue.
                batch.put(
                        maker,
                        item.track().file(),
                        new BatchCatalog.Result(null, JSON.writeValueAsString(outcome.audit()), null, null));
                task.at(item.number() + 1, count);
            });
        }
        if (verify) {
            monitor.say(preparation.verified());
        }
    }

    /** The track that an input is; null if it cannot be tried. */
    private static TrackPreparation.@Nullable Item item(BatchCatalog.Input input) {
        Path file = input.file();
        return file == null || input.failure() != null
                ? null
                : new TrackPreparation.Item(
                        input.number(), new Track(input.path(), file, input.path(), null, List.of()));
    }
}
