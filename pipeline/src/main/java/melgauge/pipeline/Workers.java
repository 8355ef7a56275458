package melgauge.pipeline;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs a {@link TrackTask} over many items on several threads and hands the outcomes on in the order of the items,
 * whatever the timing. Only a few items per thread are under way at once, so memory does not grow with their number.
 */
public final class Workers implements AutoCloseable {
    private static final int AHEAD = 4;

    private final int threads;
    private final ExecutorService executor;

    /** So many threads. */
    public Workers(int threads) {
        this.threads = threads;
        this.executor = Executors.newFixedThreadPool(threads, runnable -> {
            Thread thread = new Thread(runnable, "melgauge-worker");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Takes outcomes, in order, on the calling thread. */
    @FunctionalInterface
    public interface Sink<O> {
        void accept(O outcome) throws IOException, InterruptedException;
    }

    /** Applies a task to all items; returns when the last outcome was taken. */
    public <I, O> void map(Iterator<I> items, TrackTask<I, O> task, Sink<O> sink)
            throws IOException, InterruptedException {
        Queue<TrackTask.Worker<I, O>> idle = new ConcurrentLinkedQueue<>();
        Deque<Future<O>> pending = new ArrayDeque<>();
        try {
            while (items.hasNext() || !pending.isEmpty()) {
                while (items.hasNext() && pending.size() < AHEAD * threads) {
                    pending.add(executor.submit(call(items.next(), task, idle)));
                }
                sink.accept(pending.removeFirst().get());
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw new IOException(cause.getMessage(), cause);
            }
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            pending.forEach(future -> future.cancel(true));
        }
    }

    private static <I, O> Callable<O> call(I item, TrackTask<I, O> task, Queue<TrackTask.Worker<I, O>> idle) {
        return () -> {
            TrackTask.Worker<I, O> worker = idle.poll();
            if (worker == null) {
                worker = task.open();
            }
            try {
                return worker.apply(item);
            } finally {
                idle.add(worker);
            }
        };
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
