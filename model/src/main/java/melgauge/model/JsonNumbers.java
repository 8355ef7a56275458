package melgauge.model;

import org.jspecify.annotations.Nullable;

/** Numbers on their way into JSON, which has neither NaN nor infinity. */
public final class JsonNumbers {
    private JsonNumbers() {}

    /** The number, or null where it is not finite. */
    public static @Nullable Double orNull(double value) {
        return Double.isFinite(value) ? (Double) value : null;
    }
}
