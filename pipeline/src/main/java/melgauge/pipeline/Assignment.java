package melgauge.pipeline;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
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
 * @param ofFold whether the sides are those of a fold, which may leave too few groups for validation tracks
 * @param testWithheld whether test tracks are left out altogether, so that nothing can be chosen by them
 * @param labelsShuffled whether the rows of labels are permuted among the training and validation tracks
 */
public record Assignment(
        Function<Manifest, Map<String, Subset>> sides, boolean ofFold, boolean testWithheld, boolean labelsShuffled) {

    /** The split of a run's own settings. */
    public static Assignment ofSplit(RunSpec spec) {
        return new Assignment(
                manifest -> Split.assign(manifest.tracks(), spec.corpus().split(), spec.seed()), false, false, false);
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
                true,
                false,
                false);
    }

    /** This one, with test tracks left out. */
    public Assignment withoutTest() {
        return new Assignment(sides, ofFold, true, labelsShuffled);
    }

    /** This one, with shuffled labels or with true ones. */
    public Assignment withLabelsShuffled(boolean shuffled) {
        return new Assignment(sides, ofFold, testWithheld, shuffled);
    }

    /** The sides that may be without tracks because the caller of the run leaves them out on purpose. */
    Set<Subset> withheld() {
        Set<Subset> withheld = EnumSet.noneOf(Subset.class);
        if (testWithheld) {
            withheld.add(Subset.TEST);
        }
        if (ofFold) {
            withheld.add(Subset.VALIDATION);
        }
        return withheld;
    }
}
