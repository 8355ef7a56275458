package melgauge.model.engine;

import melgauge.data.UsageException;

/**
 * Where and how networks compute. It changes the last bits of results at most, so no result depends on it: a training may go
 * on with another engine, device or number of threads than it began with.
 *
 * @param engine the name of an {@link Engine}, or {@code auto} for the first that is found
 * @param device {@code auto}, {@code cpu}, {@code cuda} (the first GPU that can be used) or {@code cuda:N}
 * @param threads that compute; 0: one per core
 * @param checkpointSeconds after which a training that is under way is saved again, beside every epoch's end; 1 to 86400
 */
public record Execution(String engine, String device, int threads, int checkpointSeconds) {
    private static final int MOST_THREADS = 1024;

    public Execution {
        if (!device.matches("auto|cpu|cuda(:\\d{1,3})?")) {
            throw new UsageException("device=" + device + " must be auto, cpu, cuda or cuda:N");
        }
        if (threads < 0 || threads > MOST_THREADS) {
            throw new UsageException("threads=" + threads + " must be from 0 (one per core) to " + MOST_THREADS);
        }
        if (checkpointSeconds < 1 || checkpointSeconds > 86400) {
            throw new UsageException("checkpointSeconds=" + checkpointSeconds + " must be from 1 to 86400");
        }
    }

    /** The execution of the defaults in {@code run.yaml}. */
    public static Execution defaults() {
        return new Execution("auto", "auto", 0, 60);
    }

    /** On a device, with the engine and the threads of the defaults. */
    public static Execution on(String device) {
        return defaults().withDevice(device);
    }

    /** The same on another device. */
    public Execution withDevice(String other) {
        return new Execution(engine, other, threads, checkpointSeconds);
    }

    /** The same with another number of threads. */
    public Execution withThreads(int other) {
        return new Execution(engine, device, other, checkpointSeconds);
    }

    /** The threads that compute on this machine. */
    public int threadsHere() {
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /**
     * Opens a session to train in: {@code auto} is a GPU where there is one, and refuses a GPU that cannot be used, because a
     * training on the CPU may take days more than the user expects.
     *
     * @throws UsageException as {@link Engine#open}
     */
    public Session open() {
        return Engine.named(engine).open(device, threadsHere(), false);
    }

    /**
     * Opens a session to predict in: {@code auto} is a GPU if one can be used, else the CPU.
     *
     * @throws UsageException as {@link Engine#open}
     */
    public Session openToPredict() {
        return Engine.named(engine).open(device, threadsHere(), true);
    }
}
