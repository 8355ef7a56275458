package melgauge.model.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import melgauge.model.dl4j.devices.Backend;
import melgauge.model.dl4j.devices.DeviceChoice;
import melgauge.model.dl4j.devices.Gpu;
import melgauge.model.dl4j.kernels.Winograd;
import melgauge.model.engine.Engine;
import melgauge.model.engine.Session;
import org.deeplearning4j.nn.layers.mkldnn.BaseMKLDNNHelper;
import org.nd4j.linalg.factory.Nd4j;

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
    public Session open(String device, int threads, boolean orCpu) {
        return Dl4jSession.open(this, device, threads, orCpu);
    }

    /** The device of this process. */
    static Device device() {
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
