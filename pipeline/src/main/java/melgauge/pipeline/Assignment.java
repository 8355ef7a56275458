package melgauge.pipeline;

import java.util.Map;
import java.util.function.Function;
import melgauge.data.Folds;
import melgauge.data.Manifest;
import melgauge.data.Split;
import melgauge.data.Subset;

/**
 * Who learns from which tracks in a run: what a cross-validation, a control or a search changes of an ordinary training
 * without changing its settings.
 *
 * @param sides gives every track of a manifest its side, by path; equal manifests, equal sides
 * @param testWithheld whether test tracks are left out altogether, so that nothing can be chosen by them
 * @param labelsShuffled whether the rows of labels are permuted among the training and validation tracks
 */
public record Assignment(Function<Manifest, Map<String, Subset>> sides, boolean testWithheld, boolean labelsShuffled) {

    /** The split of a run's own settings. */
    public static Assignment ofSplit(RunSpec spec) {
        return new Assignment(
                manifest -> Split.assign(manifest.tracks(), spec.corpus().split(), spec.seed()), false, false);
    }

    /**
     * One fold of a cross-validation tests, the others train and validate in the proportion of {@code corpus.split}.
     *
     * @param fold from 1
     * @param folds how many there are
     */
    public static Assignment ofFold(RunSpec spec, int fold, int folds) {
        return new Assignment(
                manifest -> Folds.of(manifest.tracks(), folds, spec.seed())
                        .sides(fold, spec.corpus().split()),
                false,
                false);
    }

    /** This one, with test tracks left out. */
    public Assignment withoutTest() {
        return new Assignment(sides, true, labelsShuffled);
    }

    /** This one, with shuffled labels or with true ones. */
    public Assignment withLabelsShuffled(boolean shuffled) {
        return new Assignment(sides, testWithheld, shuffled);
    }
}
