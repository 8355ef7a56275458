/**
 * File formats that are read from strangers: JSON within limits ({@link melgauge.data.io.StrictJson}) and named arrays in one
 * file ({@link melgauge.data.io.NamedArrays}, safetensors).
 *
 * <p><b>To add a format:</b> read within stated limits, allocate nothing that the file's own size does not justify, and throw
 * an {@code IOException} with a sentence that goes on from the file's name.
 */
@NullMarked
package melgauge.data.io;

import org.jspecify.annotations.NullMarked;
