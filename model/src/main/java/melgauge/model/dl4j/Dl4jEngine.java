package melgauge.model.dl4j;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import melgauge.model.Architecture;
import melgauge.model.Engine;
import melgauge.model.NetworkSpec;
import melgauge.model.OutputBias;
import melgauge.model.PatchShape;
import melgauge.model.Regressor;
import melgauge.model.TrainSpec;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.layers.mkldnn.BaseMKLDNNHelper;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Deeplearning4j on ND4J's backends for the CPU and, in builds with {@code -Pcuda}, for NVIDIA's GPUs. */
public final class Dl4jEngine implements Engine {
    /** Deeplearning4j reads it whenever it builds a layer; unless it is set, layers run without oneDNN. */
    private static final String DISABLE_HELPERS = "org.eclipse.deeplearning4j.helpers.disable";

    private static final String CUDA_BACKEND = "ND4J CUDA 11.6 backend with cuDNN, code for compute capability "
            + Gpu.version(Gpu.LEAST) + " to " + Gpu.version(Gpu.MOST);

    /** Called by {@link java.util.ServiceLoader}. */
    public Dl4jEngine() {
        if (System.getProperty(DISABLE_HELPERS) == null) {
            System.setProperty(DISABLE_HELPERS, "false");
        }
    }

    @Override
    public String name() {
        return "dl4j";
    }

    @Override
    public Regressor create(NetworkSpec network, TrainSpec training, PatchShape shape, double[] labelMeans, long seed) {
        useDevice(training.device(), false);
        Backend.start();
        Architecture architecture = new Architecture(network, shape, labelMeans.length);
        return new Dl4jRegressor(build(architecture, training, labelMeans, seed, DataType.FLOAT), architecture);
    }

    static MultiLayerNetwork build(
            Architecture architecture, TrainSpec training, double[] labelMeans, long seed, DataType type) {
        MultiLayerNetwork result = new MultiLayerNetwork(NetworkBuilder.build(architecture, training, seed, type));
        result.init();
        if (architecture.network().outputBias() == OutputBias.MEAN) {
            INDArray bias = result.getOutputLayer().getParam("b");
            for (int i = 0; i < labelMeans.length; i++) {
                double mean = Math.max(0.01, Math.min(0.99, labelMeans[i]));
                bias.putScalar(i, Math.log(mean / (1 - mean)));
            }
        }
        return result;
    }

    @Override
    public Regressor open(Architecture architecture, TrainSpec training, float[] parameters) {
        Backend.start();
        return opened(architecture, training, parameters);
    }

    private static Dl4jRegressor opened(Architecture architecture, TrainSpec training, float[] parameters) {
        architecture.requireSize(parameters);
        // Whatever its weights start from is overwritten.
        MultiLayerNetwork network =
                new MultiLayerNetwork(NetworkBuilder.build(architecture, training, 0, DataType.FLOAT));
        network.init();
        Dl4jRegressor regressor = new Dl4jRegressor(network, architecture);
        regressor.restore(parameters);
        return regressor;
    }

    @Override
    public void export(Architecture architecture, TrainSpec training, float[] parameters, OutputStream out)
            throws IOException {
        Backend.start();
        try (Dl4jRegressor regressor = opened(architecture, training, parameters)) {
            regressor.export(out);
        }
    }

    @Override
    public void useDevice(String device, boolean orCpu) {
        Device.requireName(device);
        Backend.use(device, orCpu);
    }

    @Override
    public Device device() {
        DeviceChoice choice = Backend.start();
        Gpu gpu = choice.gpu();
        if (gpu != null) {
            return new Device("cuda:" + gpu.index(), gpu.describe() + ", " + CUDA_BACKEND, true, "");
        }
        Device cpu = cpu();
        return new Device(
                cpu.name(),
                cpu.description(),
                true,
                Stream.of(cpu.advice(), choice.note())
                        .filter(line -> !line.isEmpty())
                        .collect(Collectors.joining("\n")));
    }

    @Override
    public void useThreads(int threads) {
        // Starts the backend, which the native operations need.
        Backend.start();
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
        Parallel.useThreads(threads);
    }

    /**
     * What JavaCPP, which holds the arrays, may take beside what the process has, if the machine has as much. Of a GPU's
     * memory a third: the layers are computed there by plain operations, which keep more maps than the CPU's.
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
    public List<Device> devices() {
        List<Device> devices = new ArrayList<>();
        if (Backend.start().gpu() == null) {
            devices.add(cpu());
        }
        Gpu.Found found = Backend.gpus();
        boolean cuda = Backend.hasCuda();
        devices.add(new Device(
                "cuda",
                cuda ? CUDA_BACKEND : "this build has no CUDA backend",
                cuda && found.gpus().stream().anyMatch(Gpu::usable),
                Stream.of(found.trouble(), cuda ? "" : "mvn -Pcuda makes a build that has one (see docs/cuda.md)")
                        .filter(line -> !line.isEmpty())
                        .collect(Collectors.joining("\n"))));
        for (Gpu gpu : found.gpus()) {
            devices.add(new Device(
                    "cuda:" + gpu.index(),
                    gpu.name() + ", compute capability "
                            + (gpu.capability() == 0 ? "unknown" : Gpu.version(gpu.capability()))
                            + (gpu.bytes() == 0 ? "" : ", " + (gpu.bytes() >> 20) + " MiB"),
                    cuda && gpu.usable(),
                    gpu.usable() ? "" : gpu.problem() + "; use training.device=cpu"));
        }
        return devices;
    }

    private static Device cpu() {
        Properties information = Nd4j.getExecutioner().getEnvironmentInformation();
        boolean oneDnn = BaseMKLDNNHelper.mklDnnEnabled() && !Boolean.getBoolean(DISABLE_HELPERS);
        return new Device(
                "cpu",
                String.format(
                        Locale.ROOT,
                        "ND4J %s backend, %s threads, BLAS %s, oneDNN %s",
                        information.getProperty("backend"),
                        information.get("omp.threads"),
                        information.get("blas.vendor"),
                        !oneDnn ? "OFF" : Winograd.available() ? "on (with Winograd's algorithm)" : "on"),
                true,
                oneDnn
                        ? ""
                        : "oneDNN is off, so a training step takes several times as long as it could: "
                                + whyNoOneDnn());
    }

    private static String whyNoOneDnn() {
        return Boolean.getBoolean(DISABLE_HELPERS)
                ? "-D" + DISABLE_HELPERS + "=true switches oneDNN off; leave it away"
                : "the ND4J natives of this build are without oneDNN; build with -Dnd4j.classifier=linux-x86_64-onednn-avx2";
    }
}
