package melgauge.pipeline.tagging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import melgauge.data.catalog.BatchCatalog;
import org.jspecify.annotations.Nullable;

/**
 * Inputs of a job that keeps no record of them, handed on while they are being listed: a list on standard input may never
 * end. No more than {@value #MOST_OPEN} are handed on before the first of them has its row, so that rows which wait for an
 * earlier one need little memory.
 */
final class ListedInputs implements AutoCloseable {
    private static final int MOST_OPEN = 10_000;
    private static final int AHEAD = 256;

    private final BlockingQueue<Entry> listed = new ArrayBlockingQueue<>(AHEAD);
    private final Semaphore open = new Semaphore(MOST_OPEN);
    private final Thread thread;
    private final AtomicLong found = new AtomicLong();

    /** What the listing thread hands over. */
    private sealed interface Entry {
        record One(BatchCatalog.Input input) implements Entry {}

        /** @param failure why the list cannot be read to its end; null if that is its end */
        record End(@Nullable Throwable failure) implements Entry {}
    }

    /** Begins to list. */
    ListedInputs(Tagger.Source source) {
        thread = new Thread(() -> list(source), "melgauge-inputs");
        thread.setDaemon(true);
        thread.start();
    }

    private void list(Tagger.Source source) {
        Throwable failure = null;
        try {
            source.list((path, file, problem) ->
                    put(new Entry.One(new BatchCatalog.Input(found.getAndIncrement(), path, file, problem))));
        } catch (IOException | RuntimeException | Error e) {
            failure = e; // thrown where the next input is waited for
        }
        try {
            listed.put(new Entry.End(failure));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody waits for the end any more
        }
    }

    private void put(Entry entry) throws IOException {
        try {
            listed.put(entry);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the list of inputs is not needed any more", e);
        }
    }

    /** How many inputs have been listed so far. */
    long found() {
        return found.get();
    }

    /** An input has its row. */
    void finished() {
        open.release();
    }

    /**
     * The inputs that there is something to try of, as they are listed; the others get their row at once. The iterator waits
     * for the next input, is for one thread, and throws {@link UncheckedIOException} if the list cannot be read, or if the
     * thread is interrupted.
     */
    Iterator<BatchCatalog.Input> usable(InOrder rows) {
        return new Iterator<>() {
            private BatchCatalog.@Nullable Input next;
            private boolean ended;

            @Override
            public boolean hasNext() {
                try {
                    while (next == null && !ended) {
                        BatchCatalog.Input input = take();
                        if (input == null) {
                            ended = true;
                        } else if (input.failure() != null || input.file() == null) {
                            rows.put(input.number(), input.path(), Tagger.row(input, null));
                        } else {
                            next = input;
                        }
                    }
                    return next != null;
                } catch (IOException e) {
                    throw new UncheckedIOException(e.getMessage(), e);
                }
            }

            @Override
            public BatchCatalog.Input next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                BatchCatalog.Input input = Objects.requireNonNull(next);
                next = null;
                return input;
            }
        };
    }

    /** Waits for the next input; null where the list ends. */
    private BatchCatalog.@Nullable Input take() throws IOException {
        try {
            Entry entry = listed.take();
            if (entry instanceof Entry.One one) {
                open.acquire();
                return one.input();
            }
            Throwable failure = ((Entry.End) entry).failure();
            if (failure instanceof RuntimeException bad) {
                throw bad;
            }
            if (failure instanceof Error bad) {
                throw bad;
            }
            if (failure != null) {
                throw new IOException(failure.getMessage(), failure);
            }
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while inputs were listed", e);
        }
    }

    /** Ends the listing. */
    @Override
    public void close() {
        thread.interrupt(); // where it waits for standard input it ends with the process
    }
}
