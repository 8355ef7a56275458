/**
 * The corpus and its audio: which tracks there are, what they are labelled with, which side of the split they are on,
 * and their samples.
 *
 * <p>A {@link melgauge.data.Manifest} is read into {@link melgauge.data.Track}s, {@link melgauge.data.Split} assigns
 * each to a {@link melgauge.data.Subset}, a {@link melgauge.data.Decoder} turns a file into mono
 * {@link melgauge.data.Audio} at the asked rate, and {@link melgauge.data.Audit} judges what came out.
 *
 * <p><b>To add a decoder:</b> implement {@link melgauge.data.Decoder} in a package of its own below this one (the
 * library that it wraps has its home there and nowhere else), throw {@link melgauge.data.AudioException} with a sentence
 * for whatever a file does wrong, and return it from {@link melgauge.data.Decoder#standard()}.
 */
@NullMarked
package melgauge.data;

import org.jspecify.annotations.NullMarked;
