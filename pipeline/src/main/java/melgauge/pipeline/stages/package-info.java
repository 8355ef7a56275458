/**
 * The stages of a run, in the order of {@link melgauge.pipeline.stages.Stages}: spectrograms, normaliser, training,
 * evaluation, diagnosis, bundle, report.
 *
 * <p><b>To add a stage:</b> implement {@link melgauge.pipeline.Stage} here: declare the files that it reads, the settings
 * and facts that it depends on, and the files that it writes. Name a new file in
 * {@link melgauge.pipeline.results.RunFolder}, with how it is read and written. List the stage in {@code Stages}. From what
 * it declares follows when it is skipped.
 */
@NullMarked
package melgauge.pipeline.stages;

import org.jspecify.annotations.NullMarked;
