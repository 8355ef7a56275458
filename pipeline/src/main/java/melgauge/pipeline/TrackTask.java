package melgauge.pipeline;

import java.io.IOException;

/**
 * What is done with every item of a long list. It holds settings; {@link #open} builds the tables that the work needs,
 * once per worker.
 *
 * @param <I> an item
 * @param <O> its outcome
 */
public interface TrackTask<I, O> {
    /** Builds a worker, which one thread uses. */
    Worker<I, O> open() throws IOException;

    /** Does the work of one thread. */
    interface Worker<I, O> extends AutoCloseable {
        /**
         * The outcome of one item. What is wrong with an item is part of its outcome; an exception ends the whole job.
         */
        O apply(I item) throws IOException, InterruptedException;

        /** Frees what the worker holds; also while it works, which then fails. */
        @Override
        default void close() {}
    }
}
