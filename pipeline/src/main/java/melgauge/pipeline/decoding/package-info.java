/**
 * From a file to frames, in a process of its own, because strangers' files make decoders crash, hang and eat memory.
 *
 * <p>{@link melgauge.pipeline.decoding.TrackReader} is what the rest sees. {@link melgauge.pipeline.decoding.ProcessReader}
 * starts a worker process, hands it one file after the other and takes frames from it; when the process dies, takes too
 * long or too much memory ({@link melgauge.pipeline.decoding.Watchdog}), that file has failed, and the next one gets a new
 * process. {@link melgauge.pipeline.decoding.WorkerProcess} is the other end of the pipe, where
 * {@link melgauge.pipeline.decoding.LocalReader} does the work; {@link melgauge.pipeline.decoding.Wire} is what they say to
 * each other.
 *
 * <p><b>To send something more of each track to the parent:</b> add it to {@link melgauge.pipeline.decoding.Reading} and to
 * both sides of {@link melgauge.pipeline.decoding.Wire}.
 */
@NullMarked
package melgauge.pipeline.decoding;

import org.jspecify.annotations.NullMarked;
