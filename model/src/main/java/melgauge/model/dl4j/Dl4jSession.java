package melgauge.model.dl4j;

import java.io.IOException;
import java.io.OutputStream;
import melgauge.data.UsageException;
import melgauge.model.dl4j.devices.Backend;
import melgauge.model.dl4j.devices.Gpu;
import melgauge.model.dl4j.kernels.Parallel;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.Engine;
import melgauge.model.engine.Network;
import melgauge.model.engine.Session;
import melgauge.model.spec.TrainSpec;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * A session on the one device that ND4J has for the life of a process. The number of threads is ND4J's, too, so sessions that
 * are open at the same time share one.
 */
final class Dl4jSession implements Session {
    private static int open;
    private static int threadsOfAll;

    private final Engine engine;
    private boolean closed;

    private Dl4jSession(Engine engine) {
        this.engine = engine;
    }

    static Dl4jSession open(Engine engine, String device, int threads, boolean orCpu) {
        Backend.use(device, orCpu);
        Backend.start();
        synchronized (Dl4jSession.class) {
            if (open > 0 && threads != threadsOfAll) {
                throw new UsageException("threads=" + threads + ": an open session of this process computes with "
                        + threadsOfAll
                        + ", and Deeplearning4j has one number for all; close that session first, or open"
                        + " both with the same number");
            }
            if (threads != threadsOfAll) {
                NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
                Parallel.useThreads(threads);
                threadsOfAll = threads;
            }
            open++;
        }
        return new Dl4jSession(engine);
    }

    @Override
    public String engine() {
        return engine.name();
    }

    @Override
    public Engine.Device device() {
        return Dl4jEngine.device();
    }

    @Override
    public int threads() {
        synchronized (Dl4jSession.class) {
            return threadsOfAll;
        }
    }

    /**
     * The memory that JavaCPP, which holds the arrays, may take beside what the process has, if the machine has as much. Of a
     * GPU's memory a third: the layers are computed there by plain operations, which keep more maps than the CPU's.
     */
    @Override
    public long freeBytes() {
        Gpu gpu = Backend.start().gpu();
        if (gpu != null && gpu.bytes() > 0) {
            return gpu.bytes() / 3;
        }
        long machine = Pointer.availablePhysicalBytes();
        return Pointer.maxPhysicalBytes() > 0
                ? Math.max(0, Math.min(machine, Pointer.maxPhysicalBytes() - Pointer.physicalBytes()))
                : machine;
    }

    @Override
    public Network open(Architecture architecture, TrainSpec training, float[] weights) {
        return network(architecture, training, weights, DataType.FLOAT);
    }

    /** @param type double for tests of gradients */
    static Dl4jNetwork network(Architecture architecture, TrainSpec training, float[] weights, DataType type) {
        architecture.requireSize(weights);
        // The random weights that Deeplearning4j begins with are overwritten.
        MultiLayerNetwork built = new MultiLayerNetwork(NetworkBuilder.build(architecture, training, type));
        built.init();
        Dl4jNetwork network = new Dl4jNetwork(built, architecture);
        network.load(weights);
        return network;
    }

    @Override
    public void export(Architecture architecture, TrainSpec training, float[] weights, OutputStream out)
            throws IOException {
        try (Dl4jNetwork network = network(architecture, training, weights, DataType.FLOAT)) {
            network.export(out);
        }
    }

    @Override
    public void close() {
        synchronized (Dl4jSession.class) {
            if (!closed) {
                closed = true;
                open--;
            }
        }
    }
}
