/**
 * Measurements of a run: an {@link melgauge.model.diagnosis.measure.Examiner} measures data and network,
 * {@link melgauge.model.diagnosis.measure.FrontEnd} how much of the recordings the features keep.
 *
 * <p>Two questions need no network: {@link melgauge.model.diagnosis.measure.Probe} asks whether sound and labels of a corpus
 * have anything to do with each other, and gives a {@link melgauge.model.diagnosis.measure.Signal};
 * {@link melgauge.model.diagnosis.measure.LabelCeiling} says how good predictions can get where few people rated each
 * track.
 *
 * <p><b>To measure one more thing:</b> add a component to {@link melgauge.model.diagnosis.measure.Examination} and measure
 * it in {@code Examiner}, or give it a class of its own in {@link melgauge.model.diagnosis.measure.Measurements}.
 */
@NullMarked
package melgauge.model.diagnosis.measure;

import org.jspecify.annotations.NullMarked;
