package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Finishes cache entries on a thread of its own, so that workers decode on while a disk takes its time to write. An entry
 * counts only when it is on the disk and in the catalogue: what is under way when the process dies is made again.
 */
final class Publisher implements AutoCloseable {
    /** Entries under way at most; each holds an open file. */
    private static final int MOST = 32;

    private final ExecutorService executor = Executors.newSingleThreadExecutor(runnable -> {
        Thread thread = new Thread(runnable, "melgauge-publisher");
        thread.setDaemon(true);
        return thread;
    });
    private final Semaphore room = new Semaphore(MOST);
    private final AtomicReference<IOException> failure = new AtomicReference<>();

    /** Finishes one entry. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    /**
     * Hands work over; waits where too much is under way.
     *
     * @throws IOException if earlier work has failed
     */
    void submit(Work work) throws IOException, InterruptedException {
        check();
        room.acquire();
        executor.execute(() -> {
            try {
                work.run();
            } catch (IOException e) {
                failure.compareAndSet(null, e);
            } catch (RuntimeException e) {
                failure.compareAndSet(null, new IOException(e.toString(), e));
            } finally {
                room.release();
            }
        });
    }

    /**
     * Waits for all work.
     *
     * @throws IOException if some of it has failed
     */
    void await() throws IOException, InterruptedException {
        room.acquire(MOST);
        room.release(MOST);
        check();
    }

    private void check() throws IOException {
        IOException failed = failure.get();
        if (failed != null) {
            throw new IOException(failed.getMessage(), failed);
        }
    }

    /** Ends the thread once all work that was handed over is done. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(1, TimeUnit.MINUTES)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
