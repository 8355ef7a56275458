/**
 * Many runs of one corpus, to know how good a setting is and which one is better:
 * {@link melgauge.pipeline.selection.CrossValidation} tests every track once, {@link melgauge.pipeline.selection.Sweep}
 * ranks combinations of settings, which a {@link melgauge.pipeline.selection.SearchSpace} lists, by the validation tracks.
 *
 * <p>A run that is part of such a job is an ordinary {@link melgauge.pipeline.Run} in a folder of its own, with another
 * {@link melgauge.pipeline.Assignment} of tracks to sides. <b>To add a scheme:</b> give {@code Assignment} a factory, and
 * run {@link melgauge.pipeline.stages.Stages} with it.
 */
@NullMarked
package melgauge.pipeline.selection;

import org.jspecify.annotations.NullMarked;
