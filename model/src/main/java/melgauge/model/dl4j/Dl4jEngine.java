package melgauge.model.dl4j;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import melgauge.data.UsageException;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deeplearning4j on ND4J's native backend. */
public final class Dl4jEngine implements Engine {
    private static final Logger LOG = LoggerFactory.getLogger(Dl4jEngine.class);

    /** Deeplearning4j reads it whenever it builds a layer; unless it is set, layers run without oneDNN. */
    private static final String DISABLE_HELPERS = "org.eclipse.deeplearning4j.helpers.disable";

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
        checkDevice(training.device());
        return new Dl4jRegressor(
                build(network, training, shape, labelMeans, seed, DataType.FLOAT), shape, labelMeans.length);
    }

    static MultiLayerNetwork build(
            NetworkSpec network, TrainSpec training, PatchShape shape, double[] labelMeans, long seed, DataType type) {
        MultiLayerNetwork result =
                new MultiLayerNetwork(NetworkBuilder.build(network, training, shape, labelMeans.length, seed, type));
        result.init();
        if (network.outputBias() == OutputBias.MEAN) {
            INDArray bias = result.getOutputLayer().getParam("b");
            for (int i = 0; i < labelMeans.length; i++) {
                double mean = Math.max(0.01, Math.min(0.99, labelMeans[i]));
                bias.putScalar(i, Math.log(mean / (1 - mean)));
            }
        }
        return result;
    }

    @Override
    public Regressor open(Map<String, byte[]> files) throws IOException {
        return Dl4jRegressor.open(files);
    }

    @Override
    public void export(Map<String, byte[]> files, OutputStream out) throws IOException {
        try (Dl4jRegressor regressor = Dl4jRegressor.open(files)) {
            regressor.export(out);
        }
    }

    @Override
    public void useThreads(int threads) {
        // Loads the backend, which the native operations need.
        Nd4j.getEnvironment();
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
        Parallel.useThreads(threads);
    }

    /** What JavaCPP, which holds the arrays, may take beside what the process has, if the machine has as much. */
    @Override
    public long freeBytes() {
        long machine = Pointer.availablePhysicalBytes();
        return Pointer.maxPhysicalBytes() > 0
                ? Math.max(0, Math.min(machine, Pointer.maxPhysicalBytes() - Pointer.physicalBytes()))
                : machine;
    }

    @Override
    public List<Device> devices() {
        Properties information = Nd4j.getExecutioner().getEnvironmentInformation();
        boolean oneDnn = BaseMKLDNNHelper.mklDnnEnabled() && !Boolean.getBoolean(DISABLE_HELPERS);
        String description = String.format(
                Locale.ROOT,
                "ND4J %s backend, %s threads, BLAS %s, oneDNN %s",
                information.getProperty("backend"),
                information.get("omp.threads"),
                information.get("blas.vendor"),
                oneDnn ? "on" : "OFF");
        String advice = oneDnn ? "" : "convolutions run about three times slower than they could: " + whyNoOneDnn();
        List<Device> devices = new ArrayList<>();
        devices.add(new Device("cpu", description, true, advice));
        devices.addAll(NvidiaSmi.devices());
        return devices;
    }

    private static String whyNoOneDnn() {
        return Boolean.getBoolean(DISABLE_HELPERS)
                ? "-D" + DISABLE_HELPERS + "=true switches oneDNN off; leave it away"
                : "the ND4J natives of this build are without oneDNN; build with -Dnd4j.classifier=linux-x86_64-onednn-avx2";
    }

    private void checkDevice(String device) {
        if (device.startsWith("cuda")) {
            throw new UsageException(
                    "device=" + device + " asks for a GPU, and this build has no CUDA backend; use device=cpu or auto");
        }
        for (Device found : devices()) {
            LOG.info("Device {}: {}", found.name(), found.description());
            if (!found.advice().isEmpty()) {
                LOG.warn("{}: {}", found.name(), found.advice());
            }
        }
    }
}
