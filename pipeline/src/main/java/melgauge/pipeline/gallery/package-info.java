/**
 * Runs that are broken on purpose, to see whether the diagnosis finds what was done to them, and healthy ones, in which it
 * must find nothing: real trainings on the corpus that comes with Melgauge, with other settings or other data.
 *
 * <p>{@link melgauge.pipeline.gallery.Exhibit} lists them, {@link melgauge.pipeline.gallery.Labels} changes the data, and
 * {@link melgauge.pipeline.gallery.Gallery} trains one and gives an {@link melgauge.pipeline.gallery.Outcome}.
 *
 * <p><b>To add a fault or a healthy run:</b> add one entry to {@code Exhibit.ALL}; where settings do not do it, give it an
 * {@code Injection} that changes the labels or the audio. Train it, and see that it does harm, or none.
 */
@NullMarked
package melgauge.pipeline.gallery;

import org.jspecify.annotations.NullMarked;
