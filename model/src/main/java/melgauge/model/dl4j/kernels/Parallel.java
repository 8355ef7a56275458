package melgauge.model.dl4j.kernels;

import java.util.concurrent.ForkJoinPool;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Runs loops whose rounds do not touch each other on several threads. */
public final class Parallel {
    private static volatile int threads = Runtime.getRuntime().availableProcessors();
    private static volatile ForkJoinPool pool = ForkJoinPool.commonPool();

    private Parallel() {}

    /** From now on, so many threads. */
    public static synchronized void useThreads(int count) {
        threads = count;
        pool = count == ForkJoinPool.commonPool().getParallelism() + 1
                ? ForkJoinPool.commonPool()
                : new ForkJoinPool(count);
    }

    /** Runs all rounds and returns when the last is done. */
    public static void forEach(int rounds, IntConsumer body) {
        if (threads == 1) {
            for (int i = 0; i < rounds; i++) {
                body.accept(i);
            }
        } else if (pool == ForkJoinPool.commonPool()) {
            // The calling thread works too.
            IntStream.range(0, rounds).parallel().forEach(body);
        } else {
            pool.submit(() -> IntStream.range(0, rounds).parallel().forEach(body))
                    .join();
        }
    }
}
