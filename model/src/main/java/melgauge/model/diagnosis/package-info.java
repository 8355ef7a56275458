/**
 * What a training run says about itself: did the network learn anything, and if not, what was seen.
 *
 * <p>{@link melgauge.model.diagnosis.Diagnosis} gives the verdict and answers the questions that a puzzled user asks,
 * each from measurements of that very run.
 *
 * <p>Two questions need no network: {@link melgauge.model.diagnosis.Probe} asks whether sound and labels of a corpus have
 * anything to do with each other, and gives a {@link melgauge.model.diagnosis.Signal};
 * {@link melgauge.model.diagnosis.LabelCeiling} says how good predictions can get where few people rated each track.
 *
 * <p><b>To add an answer:</b> write one more method of {@code Diagnosis} that returns an
 * {@link melgauge.model.diagnosis.Answer}, and list it in {@code Diagnosis.of}.
 */
@NullMarked
package melgauge.model.diagnosis;

import org.jspecify.annotations.NullMarked;
