package melgauge.pipeline.selection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import melgauge.data.AtomicFile;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.data.UsageException;
import melgauge.pipeline.Assignment;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Pipeline;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.results.FoldResults;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.results.RunFolder;
import melgauge.pipeline.stages.Stages;

/**
 * Trains as often as there are folds, each time without one of them, which is then tested; so every usable track is
 * tested once, by a network, a normaliser and baselines that never saw its group. The corpus is prepared once. Each fold
 * is a run in a folder of its own, whose stages are skipped when they have been done, so that a cross-validation that
 * was interrupted goes on where it was. For one thread.
 */
public final class CrossValidation {
    private final RunSpec spec;
    private final int folds;
    private final boolean shuffleLabels;
    private final Continuation continuation;
    private final Monitor monitor;
    private final Run whole;

    /**
     * Opens the output folder.
     *
     * @param folds at least 2
     * @param shuffleLabels whether training and validation tracks get each other's labels, as a control
     * @param continuation what becomes of a fold's unfinished training
     * @throws UsageException if the manifest is wrong, or has fewer groups than folds
     */
    public CrossValidation(RunSpec spec, int folds, boolean shuffleLabels, Continuation continuation, Monitor monitor)
            throws IOException {
        this.spec = spec;
        this.folds = folds;
        this.shuffleLabels = shuffleLabels;
        this.continuation = continuation;
        this.monitor = monitor;
        Assignment first = Assignment.ofFold(spec, 1, folds);
        this.whole = new Run(spec, monitor, continuation, first);
    }

    /** Audits the corpus and fills the cache, for all folds; returns the run that holds the audit. */
    public Run prepare() throws IOException, InterruptedException {
        whole.announce();
        if (whole.corpus().manifest().tracks().stream().anyMatch(track -> track.subset() != null)) {
            monitor.say("the manifest's column split is ignored: every fold is tested once");
        }
        new Pipeline(Stages.spectrograms()).run(whole);
        return whole;
    }

    /** @throws UsageException if there is no such fold, from 1 */
    public void checkFold(int fold) {
        if (fold < 1 || fold > folds) {
            throw new UsageException("fold=" + fold + " must be from 1 to folds=" + folds);
        }
    }

    /**
     * Trains without one fold and tests it.
     *
     * @param fold from 1
     * @throws UsageException if there is no such fold, or none of its tracks can be used
     */
    public Results run(int fold) throws IOException, InterruptedException {
        checkFold(fold);
        Run run = new Run(
                spec.withOutput(FoldResults.folder(spec.output(), fold)),
                monitor.part("fold " + fold + " of " + folds + ":"),
                continuation,
                Assignment.ofFold(spec, fold, folds).withLabelsShuffled(shuffleLabels));
        share(whole.folder().path(RunFolder.AUDIT), run.folder().path(RunFolder.AUDIT));
        if (run.corpus().contents(Subset.TEST).isEmpty()) {
            throw new UsageException("none of the tracks of fold " + fold + " can be used; see "
                    + run.folder().path(RunFolder.AUDIT) + " for what was rejected, or use fewer folds");
        }
        new Pipeline(Stages.trainPrepared()).run(run);
        return run.folder().read(RunFolder.RESULTS);
    }

    private static void share(Path file, Path copy) throws IOException {
        byte[] content = Files.readAllBytes(file);
        AtomicFile.write(copy, out -> out.write(content));
    }

    /** Runs all folds and leaves their scores and out-of-fold predictions in the output folder. */
    public FoldResults runAll() throws IOException, InterruptedException {
        List<Results> results = new ArrayList<>();
        for (int fold = 1; fold <= folds; fold++) {
            results.add(run(fold));
        }
        FoldResults all = new FoldResults(results);
        all.write(
                spec.output(),
                whole.corpus().manifest().tracks().stream().map(Track::path).toList());
        return all;
    }
}
