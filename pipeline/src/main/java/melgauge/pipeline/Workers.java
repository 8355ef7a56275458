package melgauge.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs a {@link TrackTask} over many items on several threads. Only a few items per thread are under way at once, so memory
 * does not grow with their number.
 */
public final class Workers implements AutoCloseable {
    private static final int AHEAD = 4;

    private final int threads;
    private final ExecutorService executor;
    private final Queue<TrackTask.Worker<?, ?>> opened = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    /** So many threads. */
    public Workers(int threads) {
        this.threads = threads;
        this.executor = Executors.newFixedThreadPool(threads, runnable -> {
            Thread thread = new Thread(runnable, "melgauge-worker");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Takes outcomes on the calling thread. */
    @FunctionalInterface
    public interface Sink<O> {
        void accept(O outcome) throws IOException, InterruptedException;
    }

    /**
     * Applies a task to all items and hands the outcomes on in the order of the items, whatever the timing; returns when the
     * last was taken.
     */
    public <I, O> void map(Iterator<I> items, TrackTask<I, O> task, Sink<O> sink)
            throws IOException, InterruptedException {
        Queue<TrackTask.Worker<I, O>> idle = new ConcurrentLinkedQueue<>();
        Deque<Future<O>> pending = new ArrayDeque<>();
        try {
            while (items.hasNext() || !pending.isEmpty()) {
                while (items.hasNext() && pending.size() < AHEAD * threads) {
                    pending.add(executor.submit(call(items.next(), task, idle)));
                }
                sink.accept(outcome(pending.removeFirst()));
            }
        } finally {
            pending.forEach(future -> future.cancel(true));
        }
    }

    /**
     * Applies a task to all items and hands the outcomes on as they come, so that an item which takes long holds up no
     * other; returns when the last was taken.
     *
     * @throws IOException also in place of an {@link UncheckedIOException} of the items
     */
    public <I, O> void each(Iterator<I> items, TrackTask<I, O> task, Sink<O> sink)
            throws IOException, InterruptedException {
        Queue<TrackTask.Worker<I, O>> idle = new ConcurrentLinkedQueue<>();
        CompletionService<O> done = new ExecutorCompletionService<>(executor);
        int pending = 0;
        try {
            while (items.hasNext() || pending > 0) {
                while (items.hasNext() && pending < 2 * threads) {
                    done.submit(call(items.next(), task, idle));
                    pending++;
                }
                sink.accept(outcome(done.take()));
                pending--;
            }
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e); // from the items
        }
    }

    private static <O> O outcome(Future<O> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw new IOException(cause.getMessage(), cause);
            }
            if (e.getCause() instanceof InterruptedException cause) {
                InterruptedException interrupted = new InterruptedException(cause.getMessage());
                interrupted.initCause(cause);
                throw interrupted;
            }
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private <I, O> Callable<O> call(I item, TrackTask<I, O> task, Queue<TrackTask.Worker<I, O>> idle) {
        return () -> {
            TrackTask.Worker<I, O> worker = idle.poll();
            if (worker == null) {
                worker = task.open();
                opened.add(worker);
                if (closed) {
                    worker.close();
                }
            }
            try {
                return worker.apply(item);
            } finally {
                idle.add(worker);
            }
        };
    }

    /** Ends all work at once. */
    @Override
    public void close() {
        closed = true;
        executor.shutdownNow();
        for (TrackTask.Worker<?, ?> worker : opened) {
            worker.close();
        }
    }
}
