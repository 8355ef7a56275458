package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.List;
import melgauge.data.Subset;
import melgauge.data.UsageException;
import melgauge.features.BandMoments;
import melgauge.features.NormalizerFit;
import melgauge.features.StoredSpectrogram;
import melgauge.pipeline.Dependency;
import melgauge.pipeline.Identity;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.TrackTask;
import melgauge.pipeline.Workers;
import melgauge.pipeline.results.Input;
import melgauge.pipeline.results.Product;
import melgauge.pipeline.results.RunFolder;

/** Fits the normaliser on the training tracks, and on no other. */
final class NormalizerStage implements Stage {
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
    public List<Input<?>> reads(Run run) {
        return List.of();
    }

    @Override
    public List<Dependency> dependsOn() {
        return List.of(Dependency.FEATURES, Dependency.TRACKS, Dependency.settings("features.normalizer"));
    }

    @Override
    public List<Product<?>> writes(Run run) {
        return List.of(RunFolder.NORMALIZER);
    }

    @Override
    public boolean isComplete(Run run) {
        return !verify;
    }

    @Override
    public String run(Run run, Identity identity) throws IOException, InterruptedException {
        List<String> train = run.corpus().contents(Subset.TRAIN);
        if (train.isEmpty()) {
            throw new UsageException("the split leaves no training track; see "
                    + run.folder().path(RunFolder.AUDIT) + " for what was rejected, and corpus.split");
        }
        NormalizerFit fit =
                new NormalizerFit(run.spec().normalizer(), run.shape().bands());
        TrackTask<String, BandMoments> measure = () -> content -> {
            try (StoredSpectrogram track = run.cache().read(content)) {
                return fit.measure(track);
            } catch (IllegalArgumentException e) {
                throw new UsageException(
                        "the spectrogram of " + run.corpus().path(content) + " cannot be used: " + e.getMessage()
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
        run.write(RunFolder.NORMALIZER, fit.finish());
        return "fitted on " + train.size() + " training tracks"
                + (fit.constantBands() > 0 ? "; " + fit.constantBands() + " bands are constant" : "");
    }
}
