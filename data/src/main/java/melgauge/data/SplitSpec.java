package melgauge.data;

/**
 * The shares of a corpus that train, choose and test a model.
 *
 * @param train share of the training tracks, above 0
 * @param validation share of the tracks that early stopping looks at, at least 0
 * @param test share of the tracks that are scored once at the end, at least 0; the three sum to 1
 */
public record SplitSpec(double train, double validation, double test) {
    public SplitSpec {
        if (!(train > 0 && validation >= 0 && test >= 0) || Math.abs(train + validation + test - 1) > 1e-6) {
            throw new UsageException("split={train: " + train + ", validation: " + validation + ", test: " + test
                    + "} must be three shares that sum to 1, train above 0 and none below 0");
        }
    }

    /** 70 % train, 15 % validation, 15 % test. */
    public static SplitSpec defaults() {
        return new SplitSpec(0.7, 0.15, 0.15);
    }

    /** The share of one side. */
    public double share(Subset subset) {
        return switch (subset) {
            case TRAIN -> train;
            case VALIDATION -> validation;
            case TEST -> test;
        };
    }
}
