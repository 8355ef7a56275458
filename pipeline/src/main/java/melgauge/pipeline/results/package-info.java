/**
 * What stages leave for one another in a run's folder, as values: a training between two epochs
 * ({@link melgauge.pipeline.results.Checkpoint}) and the predictions of every track with the scores that follow from them
 * ({@link melgauge.pipeline.results.Results}). {@link melgauge.pipeline.results.RunFolder} is the catalogue of all files.
 *
 * <p><b>To keep more:</b> add a component to the record; it is read by name, and a run from before it is done again.
 */
@NullMarked
package melgauge.pipeline.results;

import org.jspecify.annotations.NullMarked;
