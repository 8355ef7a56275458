package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import melgauge.data.Folds;
import melgauge.data.Subset;
import melgauge.data.UsageException;
import melgauge.model.spec.HoldOut;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import melgauge.pipeline.Run;

/**
 * Which tracks each network of a run learns from and is validated by.
 *
 * <p>With {@link HoldOut#ROTATE} the training tracks are parted into pieces of about as many as there are validation
 * tracks, by groups as {@link Folds} does. The first network has the sides of the split. The second learns from the
 * validation tracks and all pieces but the first, by which it is validated; the third is validated by the second piece,
 * and so on, from the first again where there are more networks than pieces. So each track but those of the test is
 * learnt from by some network, and networks differ by more than chance (Parmanto, Munro and Doyle 1996, "Improving
 * committee diagnosis with resampling techniques").
 */
final class Rotation {
    private final List<Example> train;
    private final List<Example> validation;
    private final Function<String, String> group;
    private final Map<String, Integer> pieceOfGroup;
    private final int pieces;

    private Rotation(
            List<Example> train,
            List<Example> validation,
            Function<String, String> group,
            Map<String, Integer> pieceOfGroup,
            int pieces) {
        this.train = train;
        this.validation = validation;
        this.group = group;
        this.pieceOfGroup = pieceOfGroup;
        this.pieces = pieces;
    }

    /**
     * What one network learns from and is validated by; a track is in one of the two.
     *
     * @param train in the order of the manifest, but for tracks of the split's validation, which are last
     */
    record Sides(List<Example> train, List<Example> validation) {}

    /** The sides of a run's networks. */
    static Rotation of(Run run) throws IOException {
        List<Example> train = run.corpus().examples(Subset.TRAIN);
        List<Example> validation = run.corpus().examples(Subset.VALIDATION);
        return run.spec().training().rotates()
                ? of(train, validation, run.corpus()::group, run.spec().seed())
                : new Rotation(train, validation, run.corpus()::group, Map.of(), 0);
    }

    /**
     * The sides of networks that take turns.
     *
     * @param group of a track's path
     * @throws UsageException if there are no validation tracks, or fewer than two groups of training tracks
     */
    static Rotation of(List<Example> train, List<Example> validation, Function<String, String> group, long seed) {
        List<String> groups =
                train.stream().map(track -> group.apply(track.path())).toList();
        int most = (int) groups.stream().distinct().count();
        if (validation.isEmpty() || most < 2) {
            throw new UsageException("training.holdOut=rotate needs validation tracks, of which there are "
                    + validation.size() + ", and training tracks of two groups or more, of which there are " + most
                    + "; change corpus.split, or set training.holdOut=same");
        }
        int pieces = Math.max(2, Math.min(most, Math.round((float) train.size() / validation.size())));
        return new Rotation(train, validation, group, Folds.ofGroups(groups, pieces, seed), pieces);
    }

    /** How many of a run's networks, counted from the first, have not learnt from the tracks of a side of the split. */
    static int judges(TrainSpec training, Subset side) {
        return side == Subset.VALIDATION && training.rotates() ? 1 : training.networks();
    }

    /**
     * The sides of one network.
     *
     * @param network from 0
     */
    Sides sides(int network) {
        if (network == 0 || pieces == 0) {
            return new Sides(train, validation);
        }
        int held = (network - 1) % pieces + 1;
        List<Example> learnt = new ArrayList<>();
        List<Example> out = new ArrayList<>();
        for (Example track : train) {
            int piece = Objects.requireNonNull(pieceOfGroup.get(group.apply(track.path())));
            (piece == held ? out : learnt).add(track);
        }
        learnt.addAll(validation);
        return new Sides(learnt, out);
    }
}
