/** Decoding with FFmpeg's libraries, called in process through JavaCPP: the only place where they are used. */
@NullMarked
package melgauge.data.ffmpeg;

import org.jspecify.annotations.NullMarked;
