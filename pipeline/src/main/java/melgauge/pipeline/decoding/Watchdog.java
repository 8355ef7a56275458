package melgauge.pipeline.decoding;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import melgauge.data.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Ends a worker process that takes more time or memory than a track may. Only time in which the process is waited for
 * counts: not that in which its frames wait for whoever takes them.
 */
final class Watchdog implements AutoCloseable {
    private static final int EVERY_MILLIS = 100;
    private static final ScheduledExecutorService SCHEDULER = Executors.newSingleThreadScheduledExecutor(runnable -> {
        Thread thread = new Thread(runnable, "melgauge-watchdog");
        thread.setDaemon(true);
        return thread;
    });

    private final Process process;
    private final Limits limits;
    private final ScheduledFuture<?> schedule;
    private boolean waiting;
    private long since;
    private long waitedNanos;
    private double audioSeconds;
    private @Nullable Failure verdict;

    Watchdog(Process process, Limits limits) {
        this.process = process;
        this.limits = limits;
        this.schedule = SCHEDULER.scheduleWithFixedDelay(this::look, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A new track begins. */
    synchronized void begin() {
        waitedNanos = 0;
        audioSeconds = 0;
        waiting = false;
    }

    /** The process is waited for. */
    synchronized void await() {
        waiting = true;
        since = System.nanoTime();
    }

    /**
     * The process has answered.
     *
     * @param seconds of audio decoded so far
     */
    synchronized void answered(double seconds) {
        waitedNanos += System.nanoTime() - since;
        waiting = false;
        audioSeconds = Math.max(audioSeconds, seconds);
    }

    /** Why it ended the process; null if it did not. */
    synchronized @Nullable Failure verdict() {
        return verdict;
    }

    private synchronized void look() {
        if (verdict != null || !waiting) {
            return;
        }
        long waited = waitedNanos + System.nanoTime() - since;
        if (waited > limits.time(audioSeconds).toNanos()) {
            end(new Failure(
                    Failure.Code.TIMEOUT,
                    "took longer to decode than the limit of " + number(limits.timeout())
                            + " s and a tenth of its length; raise it, if the file is sound"));
            return;
        }
        long kib = residentKib(process.pid());
        if (kib > limits.memory() * 1024L) {
            end(new Failure(
                    Failure.Code.MEMORY,
                    "took more memory to decode than the limit of " + limits.memory()
                            + " MiB; raise it, if the file is sound"));
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    private void end(Failure failure) {
        verdict = failure;
        process.destroyForcibly();
    }

    /** Memory of a process, from Linux; 0 where there is no such thing. */
    private static long residentKib(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        } catch (IOException e) {
            return 0; // it has just ended, or this is another system
        }
        return 0;
    }

    @Override
    public void close() {
        schedule.cancel(false);
    }
}
