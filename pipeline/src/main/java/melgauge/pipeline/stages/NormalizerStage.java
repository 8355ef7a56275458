package melgauge.pipeline.stages;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import melgauge.data.AtomicFile;
import melgauge.data.AuditRow;
import melgauge.data.Subset;
import melgauge.data.UsageException;
import melgauge.features.BandMoments;
import melgauge.features.NormalizerFit;
import melgauge.features.StoredSpectrogram;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.TrackTask;
import melgauge.pipeline.Workers;

/** Fits the normaliser on the training tracks, and on no other. */
final class NormalizerStage implements Stage {
    private static final String FILE = "checkpoint/normalizer.json";

    private final boolean verify;

    /** @param verify whether to measure again what seems unchanged; the stage then always runs */
    NormalizerStage(boolean verify) {
        this.verify = verify;
    }

    @Override
    public String name() {
        return "normaliser";
    }

    @Override
    public String inputs(Run run) throws IOException {
        return run.spec().normalizer() + "\n" + run.usable();
    }

    @Override
    public boolean isComplete(Run run) {
        return !verify && run.has(FILE);
    }

    @Override
    public String run(Run run) throws IOException, InterruptedException {
        List<String> train = run.contents(Subset.TRAIN);
        if (train.isEmpty()) {
            throw new UsageException("the split leaves no training track; see " + run.file("audit.csv")
                    + " for what was rejected, and corpus.split");
        }
        NormalizerFit fit =
                new NormalizerFit(run.spec().normalizer(), run.shape().bands());
        TrackTask<String, BandMoments> measure = () -> content -> {
            try (StoredSpectrogram track = run.cache().read(content)) {
                return fit.measure(track);
            } catch (IllegalArgumentException e) {
                throw new UsageException(
                        "the spectrogram of " + path(run, content) + " cannot be used: " + e.getMessage()
                                + " of the manifest, or run melgauge prepare --verify, which makes damaged ones anew",
                        e);
            }
        };
        try (Workers workers = new Workers(run.spec().threads());
                Monitor.Task task = run.monitor().begin("normaliser", "tracks")) {
            int[] done = new int[1];
            // Added in the manifest's order, so that the sums do not depend on the number of workers.
            workers.map(train.iterator(), measure, moments -> {
                fit.add(moments);
                task.at(++done[0], train.size());
            });
        }
        AtomicFile.writeString(
                run.file(FILE),
                new ObjectMapper().writeValueAsString(fit.finish().toJson()));
        return "fitted on " + train.size() + " training tracks"
                + (fit.constantBands() > 0 ? "; " + fit.constantBands() + " bands are constant" : "");
    }

    private static String path(Run run, String content) throws IOException {
        return run.audits().stream()
                .filter(row -> row.sha256().equals(content))
                .map(AuditRow::path)
                .findFirst()
                .orElse(content);
    }
}
