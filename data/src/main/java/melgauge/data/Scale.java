package melgauge.data;

/**
 * A rating scale, mapped linearly to the network's [0,1].
 *
 * @param low the rating that becomes 0
 * @param high the rating that becomes 1; above {@code low}
 */
public record Scale(double low, double high) {
    /** Ratings that are in [0,1] already. */
    public static final Scale UNIT = new Scale(0, 1);

    public Scale {
        if (!(low < high) || Double.isInfinite(high - low)) {
            throw new UsageException(
                    "scale [" + low + ", " + high + "] must be two finite numbers, the lower one first");
        }
    }

    /** The network's value of a rating. */
    public double toUnit(double rating) {
        return (rating - low) / (high - low);
    }

    /** The rating of a value of the network. */
    public double fromUnit(double value) {
        return low + value * (high - low);
    }

    /** A difference or standard deviation of the network's, in units of the rating scale. */
    public double widthFromUnit(double width) {
        return width * (high - low);
    }

    /** A difference or standard deviation of ratings, in units of the network's [0,1]. */
    public double widthToUnit(double width) {
        return width / (high - low);
    }
}
