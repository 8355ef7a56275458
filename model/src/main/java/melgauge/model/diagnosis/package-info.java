/**
 * What a training run says about itself: did the network learn anything, and if not, what was seen.
 *
 * <p>{@link melgauge.model.diagnosis.Diagnosis} gives the verdict, the findings and the answers to the questions that a
 * puzzled user asks, each from measurements of that very run. {@code measure} measures data and network, {@code rules}
 * judge, {@code Answers} tell; {@code experiments} change one thing of a finished run at a time and look at what happens
 * then.
 *
 * <p><b>To add an answer:</b> write one more method of {@code Answers} and list it in {@code Answers.all}.
 */
@NullMarked
package melgauge.model.diagnosis;

import org.jspecify.annotations.NullMarked;
