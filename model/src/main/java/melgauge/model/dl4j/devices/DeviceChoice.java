package melgauge.model.dl4j.devices;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import melgauge.data.UsageException;
import org.jspecify.annotations.Nullable;

/**
 * Where the networks of a process compute. Decided from what is known of GPUs, driver and build, before any native library
 * is loaded: ND4J takes one backend for the life of a process, and on a GPU that it has no code for it fails in the middle
 * of the work.
 *
 * @param gpu null: the CPU
 * @param note what the user should know of it; may be empty
 */
public record DeviceChoice(@Nullable Gpu gpu, String note) {
    /** The environment variable that tells CUDA which GPUs a process sees. */
    static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

    private static final String ON_CPU =
            "training.device=cpu (--device cpu where nothing is trained) computes without it";

    /**
     * Decides.
     *
     * @param found the machine's GPUs
     * @param visible the value of {@code CUDA_VISIBLE_DEVICES}; null if it is not set
     * @param cuda whether this build has the CUDA backend
     * @param device {@code auto}, {@code cpu}, {@code cuda} (the first GPU that can be used) or {@code cuda:N}
     * @param orCpu whether {@code auto} may be the CPU although there is a GPU, which can't be used
     * @throws UsageException if the device can't be had; with {@code auto} if a GPU is there and can't be used, so that
     *     nobody waits for a CPU believing in a GPU
     */
    static DeviceChoice of(Gpu.Found found, @Nullable String visible, boolean cuda, String device, boolean orCpu) {
        if (device.equals("cpu")) {
            return new DeviceChoice(null, "");
        }
        boolean auto = device.equals("auto");
        if (!cuda) {
            if (auto) {
                return new DeviceChoice(null, unused(found.gpus()));
            }
            throw refused(
                    device,
                    "this build has no CUDA backend; mvn -Pcuda makes one that has (see docs/cuda.md)"
                            + (found.gpus().isEmpty() || found.gpus().stream().anyMatch(Gpu::usable)
                                    ? ""
                                    : ", but it cannot use what is here either: " + problems(found.gpus())));
        }
        if (found.gpus().isEmpty()) {
            if (auto) {
                return new DeviceChoice(null, "no GPU is used: " + found.trouble());
            }
            throw refused(device, found.trouble());
        }
        List<Gpu> seen = found.visible(visible);
        if (device.startsWith("cuda:")) {
            return new DeviceChoice(named(found, seen, visible, device), "");
        }
        Gpu first = seen.stream().filter(Gpu::usable).findFirst().orElse(null);
        if (first != null) {
            return new DeviceChoice(first, "");
        }
        String reason = seen.isEmpty() ? hidden(visible) : problems(seen);
        if (auto && (orCpu || seen.isEmpty())) {
            return new DeviceChoice(null, "no GPU is used: " + reason);
        }
        throw refused(device, reason);
    }

    /** What a process must be started with to see this GPU and no other; nothing if it does already. */
    static Map<String, String> environment(Gpu gpu, Gpu.Found found, @Nullable String visible) {
        return found.visible(visible).equals(List.of(gpu))
                ? Map.of()
                : Map.of(
                        // Otherwise CUDA numbers the fastest first.
                        "CUDA_DEVICE_ORDER",
                        "PCI_BUS_ID",
                        VISIBLE,
                        gpu.uuid().isEmpty() ? Integer.toString(gpu.index()) : gpu.uuid());
    }

    private static Gpu named(Gpu.Found found, List<Gpu> seen, @Nullable String visible, String device) {
        String index = device.substring("cuda:".length());
        Gpu gpu = found.gpus().stream()
                .filter(one -> one.index() == Integer.parseInt(index))
                .findFirst()
                .orElseThrow(() -> refused(
                        device,
                        "there is no such GPU; there are "
                                + found.gpus().stream().map(Gpu::describe).collect(Collectors.joining(", "))));
        if (!gpu.usable()) {
            throw refused(device, problems(List.of(gpu)));
        }
        if (!seen.contains(gpu)) {
            throw refused(device, hidden(visible));
        }
        return gpu;
    }

    private static String unused(List<Gpu> gpus) {
        return gpus.stream()
                .map(gpu -> gpu.describe() + " is left unused: this build has no CUDA backend; "
                        + (gpu.usable()
                                ? "mvn -Pcuda makes one that can use it"
                                : "nor would it help: " + gpu.problem()))
                .collect(Collectors.joining("\n"));
    }

    private static String problems(List<Gpu> gpus) {
        return gpus.stream()
                .map(gpu -> gpu.describe() + " cannot be used: " + gpu.problem())
                .collect(Collectors.joining("; "));
    }

    private static String hidden(@Nullable String visible) {
        return VISIBLE + "=" + visible + " hides it; unset it, or name the GPU there";
    }

    private static UsageException refused(String device, String reason) {
        return new UsageException("device=" + device + ": " + reason + "; " + ON_CPU);
    }
}
