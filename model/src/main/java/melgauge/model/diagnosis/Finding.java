package melgauge.model.diagnosis;

/**
 * Something that is wrong with a run: a measured number beyond a stated limit.
 *
 * @param code such as {@code DEAD_UNITS}
 * @param severity {@code error}, {@code warning} or {@code info}
 * @param where the layer, target or setting
 * @param measured the number
 * @param limit what it should have kept to
 * @param evidence how it was measured
 * @param cause in words
 * @param remedy the key of {@code run.yaml} to change, and to what
 */
public record Finding(
        String code,
        String severity,
        String where,
        double measured,
        double limit,
        String evidence,
        String cause,
        String remedy) {}
