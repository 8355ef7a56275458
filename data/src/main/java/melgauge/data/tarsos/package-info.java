/**
 * TarsosDSP over any file that Melgauge decodes: the only place where its audio classes meet ours.
 *
 * <p>{@link melgauge.data.tarsos.TarsosAudio} feeds our mono samples to any {@code AudioProcessor} (pitch, onsets,
 * filters, …). To use one more processor, pass it to {@link melgauge.data.tarsos.TarsosAudio#process}; nothing here has
 * to change.
 */
@NullMarked
package melgauge.data.tarsos;

import org.jspecify.annotations.NullMarked;
