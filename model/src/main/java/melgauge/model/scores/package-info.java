/**
 * How good predictions are: an {@link melgauge.model.scores.Evaluation} of every target, and
 * {@link melgauge.model.scores.Intervals} by resampling of groups.
 *
 * <p><b>To add a score:</b> add a component to {@link melgauge.model.scores.TargetScores}, with the source of its formula, and
 * a constant to {@link melgauge.model.scores.Score}.
 */
@NullMarked
package melgauge.model.scores;

import org.jspecify.annotations.NullMarked;
