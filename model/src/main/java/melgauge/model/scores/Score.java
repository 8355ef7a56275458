package melgauge.model.scores;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** The scores of {@link TargetScores}, by name, in the order in which they are written. */
public enum Score {
    R2("r2", TargetScores::r2),
    PEARSON("pearson", TargetScores::pearson),
    CCC("ccc", TargetScores::ccc),
    RMSE("rmse", TargetScores::rmse),
    MAE("mae", TargetScores::mae),
    PREDICTED_STD("predictedStd", TargetScores::predictedStd),
    TARGET_STD("targetStd", TargetScores::targetStd);

    /** Those that say how good predictions are. */
    public static final List<Score> OF_QUALITY = List.of(R2, PEARSON, CCC, RMSE, MAE);

    private final String word;

    @SuppressWarnings("ImmutableEnumChecker") // references to accessors
    private final ToDoubleFunction<TargetScores> value;

    Score(String word, ToDoubleFunction<TargetScores> value) {
        this.word = word;
        this.value = value;
    }

    /** Its name in files. */
    public String word() {
        return word;
    }

    /** Its value for one target; NaN where it is not defined. */
    public double of(TargetScores scores) {
        return value.applyAsDouble(scores);
    }
}
