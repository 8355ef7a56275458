/**
 * What a training run says about itself: did the network learn anything, and if not, what was seen.
 *
 * <p>{@link melgauge.model.diagnosis.Diagnosis} gives the verdict, the findings and the answers to the questions that a
 * puzzled user asks, each from measurements of that very run. An {@link melgauge.model.diagnosis.Examiner} measures data and
 * network, {@code Rules} judge, {@code Answers} tell.
 *
 * <p>Two questions need no network: {@link melgauge.model.diagnosis.Probe} asks whether sound and labels of a corpus have
 * anything to do with each other, and gives a {@link melgauge.model.diagnosis.Signal};
 * {@link melgauge.model.diagnosis.LabelCeiling} says how good predictions can get where few people rated each track.
 *
 * <p>{@link melgauge.model.diagnosis.Experiments} change one thing of a finished run at a time and look at what happens
 * then; its own documentation says how to add one.
 *
 * <p><b>To look for one more fault:</b> write a method in the {@code …Rules} class that it belongs to, which returns a
 * {@link melgauge.model.diagnosis.Finding} with a number past a limit, and give it its place in {@code Rules.ALL}. What it
 * needs and nobody measures yet goes into {@link melgauge.model.diagnosis.Examination}.
 *
 * <p><b>To add an answer:</b> write one more method of {@code Answers} and list it in {@code Answers.all}.
 */
@NullMarked
package melgauge.model.diagnosis;

import org.jspecify.annotations.NullMarked;
