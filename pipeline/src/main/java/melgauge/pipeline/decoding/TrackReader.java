package melgauge.pipeline.decoding;

import java.io.IOException;
import java.nio.file.Path;
import melgauge.features.FeatureSpec;
import melgauge.features.FrameSink;

/** Decodes files and computes their frames. For one thread; to be closed. */
public interface TrackReader extends AutoCloseable {
    /**
     * Reads one file.
     *
     * @param sink takes its frames, at least one, not normalised. What it got of a file that fails in the middle is void.
     * @throws melgauge.data.AudioException if the file cannot be used: that is its outcome, and the next one can be read
     * @throws IOException if the sink throws it, or no worker process can be started
     */
    Reading read(Path file, FrameSink sink) throws IOException, InterruptedException;

    /** Ends the worker process, if there is one; also while another thread reads, which then fails. */
    @Override
    void close();

    /**
     * A reader of tracks with these features.
     *
     * @param limits also say whether it works in a process of its own, which is started with the first file
     * @param yields whether that process is to take only the time of the processors that this one leaves
     */
    static TrackReader open(FeatureSpec features, Limits limits, boolean yields) {
        return limits.isolate()
                ? new ProcessReader(features, limits, yields)
                : new LocalReader(features, limits.hours());
    }
}
