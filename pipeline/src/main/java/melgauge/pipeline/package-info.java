/**
 * Jobs: what is done with a corpus or a library, in which order, and what is left behind.
 *
 * <p>{@link melgauge.pipeline.RunFile} reads the settings into a {@link melgauge.pipeline.RunSpec};
 * {@link melgauge.pipeline.Pipeline} takes a {@link melgauge.pipeline.Run} through its
 * {@link melgauge.pipeline.Stage}s and skips those whose {@link melgauge.pipeline.Identity} has not changed;
 * {@link melgauge.pipeline.FixedRunFile} changes its settings as a diagnosis says;
 * {@code melgauge.pipeline.tagging} predicts whole libraries; {@code melgauge.pipeline.gallery} breaks runs on purpose; {@code melgauge.pipeline.cli} is the command line.
 *
 * <p><b>To add a stage:</b> implement {@link melgauge.pipeline.Stage} in {@code melgauge.pipeline.stages} and list it in
 * {@code melgauge.pipeline.stages.Stages}. <b>To add a key to {@code run.yaml}:</b> give it its default in
 * {@code defaults.yaml} and a component in the record that holds its section.
 */
@NullMarked
package melgauge.pipeline;

import org.jspecify.annotations.NullMarked;
