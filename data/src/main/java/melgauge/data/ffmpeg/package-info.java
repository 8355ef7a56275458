/**
 * Decoding with FFmpeg's libraries, called in process through JavaCPP: the only place where they are used.
 *
 * <p>{@link melgauge.data.ffmpeg.FfmpegDecoder} opens a {@code FfmpegStream}, which joins a {@code Source}, which reads
 * and decodes one stream, to a {@code FrameMixer}, which looks at levels and mixes channels, and a {@code Resampler}.
 *
 * <p><b>To read one more container:</b> add FFmpeg's name of it to {@code FfmpegDecoder.CONTAINERS}, unless it is one
 * that can refer to other files. Codecs need nothing: whatever the library decodes is decoded.
 */
@NullMarked
package melgauge.data.ffmpeg;

import org.jspecify.annotations.NullMarked;
