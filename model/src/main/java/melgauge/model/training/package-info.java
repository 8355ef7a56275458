/**
 * Training: a {@link melgauge.model.training.Trainer} feeds a network patches of a
 * {@link melgauge.model.training.PatchFeed} until the validation loss stops falling, and keeps a
 * {@link melgauge.model.training.TrainingLog}.
 */
@NullMarked
package melgauge.model.training;

import org.jspecify.annotations.NullMarked;
