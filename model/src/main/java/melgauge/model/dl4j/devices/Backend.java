package melgauge.model.dl4j.devices;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import melgauge.data.UsageException;
import melgauge.model.engine.NeedsEnvironment;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;

/**
 * The backend of ND4J that this process uses.
 *
 * <p>ND4J takes one when its first class is loaded, of those that its class loader names, by priorities that only
 * environment variables change; its CUDA backend takes hold of every GPU that the process sees, and fails if there is one
 * that it has no code for. So the device is decided beforehand ({@link DeviceChoice}), the class loader that ND4J asks
 * names one backend alone, and a GPU is used by a process that sees no other.
 */
public final class Backend {
    private static final String SERVICE = "META-INF/services/" + Nd4jBackend.class.getName();
    private static final String CUDA = "org.nd4j.linalg.jcublas.JCublasBackend";

    private static Gpu.@Nullable Found found;
    private static @Nullable DeviceChoice chosen;
    private static boolean started;

    private Backend() {}

    /** Whether this build has the CUDA backend. */
    public static boolean hasCuda() {
        return cuda() != null;
    }

    private static ServiceLoader.@Nullable Provider<Nd4jBackend> cuda() {
        return ServiceLoader.load(Nd4jBackend.class, Backend.class.getClassLoader()).stream()
                .filter(provider -> provider.type().getName().equals(CUDA))
                .findFirst()
                .orElse(null);
    }

    /** The machine's GPUs, asked for once. */
    public static synchronized Gpu.Found gpus() {
        if (found == null) {
            found = NvidiaSmi.find();
        }
        return found;
    }

    /** Starts ND4J where it was decided; on the CPU, if nobody has asked for anything yet. */
    public static synchronized DeviceChoice start() {
        if (chosen == null) {
            use("cpu", true);
        }
        DeviceChoice choice = Objects.requireNonNull(chosen);
        if (!started) {
            Gpu gpu = choice.gpu();
            try {
                load(gpu == null);
            } catch (RuntimeException | LinkageError e) {
                if (gpu == null) {
                    throw e;
                }
                throw doesNotStart("cuda:" + gpu.index(), "ND4J's CUDA backend", e);
            }
            started = true;
        }
        return choice;
    }

    /**
     * Decides, once for the process. Asked again, {@code auto} is what was decided.
     *
     * @throws UsageException if the device can't be had, or the process already computes elsewhere
     * @throws NeedsEnvironment if the process sees more GPUs than the one
     */
    public static synchronized void use(String device, boolean orCpu) {
        DeviceChoice before = chosen;
        if (before != null && device.equals("auto")) {
            return;
        }
        String visible = System.getenv(DeviceChoice.VISIBLE);
        // The CPU needs no word of the driver, which takes a while to ask.
        Gpu.Found gpus = device.equals("cpu") ? new Gpu.Found(List.of(), "") : gpus();
        DeviceChoice choice = DeviceChoice.of(gpus, visible, hasCuda(), device, orCpu);
        Gpu gpu = choice.gpu();
        if (before != null) {
            if (!Objects.equals(gpu, before.gpu())) {
                throw new UsageException("device=" + device + ": this process computes on "
                        + (before.gpu() == null ? "the CPU" : before.gpu().describe())
                        + " and cannot change; give one device for all that one command does");
            }
            return;
        }
        if (gpu != null) {
            Map<String, String> needed = DeviceChoice.environment(gpu, gpus, visible);
            if (!needed.isEmpty()) {
                throw new NeedsEnvironment(device, needed);
            }
            tryCuda(device);
        }
        chosen = choice;
    }

    /** Loads CUDA's libraries, before ND4J does it in an initialiser that can't be run again. */
    private static void tryCuda(String device) {
        try {
            ServiceLoader.Provider<Nd4jBackend> cuda = cuda();
            if (cuda != null) {
                cuda.get().canRun();
            }
        } catch (RuntimeException | LinkageError e) {
            throw doesNotStart(device, "CUDA 11.6", e);
        }
    }

    private static UsageException doesNotStart(String device, String what, Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return new UsageException(
                "device=" + device + ": " + what + " does not start: " + cause.getMessage()
                        + "; it needs NVIDIA's driver 450.80 or newer; training.device=cpu computes without it",
                e);
    }

    private static void load(boolean cpu) {
        ClassLoader before = ND4JClassLoading.getNd4jClassloader();
        ND4JClassLoading.setNd4jClassloader(new OneBackend(before, cpu));
        try {
            Nd4j.getEnvironment();
            RecentBuffers.install();
        } finally {
            ND4JClassLoading.setNd4jClassloader(before);
        }
    }

    /** Names either the CUDA backend or all others. */
    private static final class OneBackend extends ClassLoader {
        private final boolean cpu;

        OneBackend(ClassLoader parent, boolean cpu) {
            super(parent);
            this.cpu = cpu;
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            Enumeration<URL> all = super.getResources(name);
            if (!name.equals(SERVICE)) {
                return all;
            }
            List<URL> kept = new ArrayList<>();
            for (URL url : Collections.list(all)) {
                try (InputStream in = url.openStream()) {
                    if (new String(in.readAllBytes(), StandardCharsets.UTF_8).contains(CUDA) != cpu) {
                        kept.add(url);
                    }
                }
            }
            return Collections.enumeration(kept);
        }
    }
}
