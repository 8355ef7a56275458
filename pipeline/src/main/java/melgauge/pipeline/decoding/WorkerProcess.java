package melgauge.pipeline.decoding;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.LongConsumer;
import melgauge.data.AudioException;
import melgauge.data.Failure;
import melgauge.features.FeatureSpec;
import melgauge.features.FrameSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The work of a worker process: reads tracks, one after the other, for the process that started it. */
public final class WorkerProcess {
    /** What the JVM leaves of a crash, in the worker's own folder. */
    static final String REPORT = "crash.log";

    /** What a worker says aloud, likewise. */
    static final String SAID = "stderr.txt";

    private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);
    private static final long PROGRESS_SECONDS = 60;
    private static final int DEFECT = 70;

    private WorkerProcess() {}

    /** Reads a file, told how far it is. */
    @FunctionalInterface
    interface Work {
        Reading read(Path file, FrameSink sink, LongConsumer progress) throws IOException, InterruptedException;
    }

    /** Makes the work from its settings. */
    @FunctionalInterface
    interface Maker {
        Work make(FeatureSpec features, double longestHours);
    }

    /**
     * Serves until the other side closes its end or dies, which it may do while a decoder hangs: so requests are awaited on
     * this thread, and worked on by another, which is left where it is.
     */
    public static void serve(InputStream in, OutputStream out) throws IOException {
        serve(in, out, (features, longestHours) -> new LocalReader(features, longestHours)::read);
    }

    static void serve(InputStream in, OutputStream out, Maker maker) throws IOException {
        DataInputStream requests = new DataInputStream(new BufferedInputStream(in));
        DataOutputStream answers = new DataOutputStream(new BufferedOutputStream(out, 1 << 16));
        try {
            FeatureSpec features = new ObjectMapper().readValue(Wire.readText(requests), FeatureSpec.class);
            Work work = maker.make(features, requests.readDouble());
            BlockingQueue<Path> files = new LinkedBlockingQueue<>();
            Thread worker = new Thread(() -> work(features, work, files, answers), "melgauge-decoding");
            worker.setDaemon(true);
            worker.setUncaughtExceptionHandler((thread, e) -> {
                LOG.error("a worker process ends", e);
                Runtime.getRuntime().halt(DEFECT);
            });
            worker.start();
            while (true) {
                files.add(Wire.readPath(requests));
            }
        } catch (EOFException e) {
            return; // nobody wants anything any more
        }
    }

    private static void work(FeatureSpec features, Work work, BlockingQueue<Path> files, DataOutputStream answers) {
        Wire.FrameWriter frames = new Wire.FrameWriter(answers, features.bands());
        try {
            Wire.writeWord(answers, Wire.Word.READY);
            answers.flush();
            while (true) {
                Path file = files.take();
                try {
                    Reading reading = work.read(file, frames, progress(features, answers));
                    frames.send();
                    Wire.writeWord(answers, Wire.Word.DONE);
                    Wire.writeReading(answers, reading);
                } catch (AudioException e) {
                    fail(answers, frames, e.failure());
                } catch (IOException e) {
                    fail(answers, frames, new Failure(Failure.Code.UNREADABLE, "cannot be read: " + e.getMessage()));
                } catch (OutOfMemoryError e) {
                    fail(answers, frames, new Failure(Failure.Code.MEMORY, "took too much memory: " + e.getMessage()));
                } catch (RuntimeException | StackOverflowError e) {
                    fail(answers, frames, new Failure(Failure.Code.CRASH, "the decoder failed: " + e));
                }
                answers.flush();
            }
        } catch (IOException e) {
            throw new IllegalStateException("nobody takes the answers any more", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void fail(DataOutputStream answers, Wire.FrameWriter frames, Failure failure) throws IOException {
        frames.forget();
        Wire.writeWord(answers, Wire.Word.FAILED);
        Wire.writeFailure(answers, failure);
    }

    private static LongConsumer progress(FeatureSpec features, DataOutputStream answers) {
        long step = PROGRESS_SECONDS * features.sampleRate();
        long[] next = {step};
        return samples -> {
            if (samples >= next[0]) {
                next[0] = samples + step;
                try {
                    Wire.writeWord(answers, Wire.Word.PROGRESS);
                    answers.writeLong(samples);
                    answers.flush();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }
}
