/**
 * Predicting whole libraries: any files, one result-or-error row each.
 *
 * <p>{@link melgauge.pipeline.tagging.Tagger} does a job: it lists the inputs in a catalogue beside the output, has
 * {@code Backlog} find those of which nothing is known yet, {@code LibraryPredictor} predict them, {@code FileTags}
 * write the values into the files themselves if asked, and {@code TagFiles} write the tables when every input has its
 * result. {@code LibraryPredictor} has worker threads decode
 * ({@code melgauge.pipeline.decoding}) and bring frames to an {@code Inference}.
 *
 * <p><b>To add an output format:</b> add a constant to {@code TagTable.Format}. <b>To add a flag:</b> {@code Flags}.
 */
@NullMarked
package melgauge.pipeline.tagging;

import org.jspecify.annotations.NullMarked;
