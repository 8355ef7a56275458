/**
 * The stages of a run, in the order of {@link melgauge.pipeline.stages.Stages}: spectrograms, normaliser, training,
 * evaluation, diagnosis, bundle, report.
 *
 * <p><b>To add a stage:</b> implement {@link melgauge.pipeline.Stage} here, name in {@code inputs} the settings that its
 * result depends on, leave the result in the run's folder, and list it in {@code Stages}.
 */
@NullMarked
package melgauge.pipeline.stages;

import org.jspecify.annotations.NullMarked;
