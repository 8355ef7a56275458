package melgauge.model.dl4j.devices;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An NVIDIA GPU of this machine, as its driver describes it.
 *
 * @param index among the machine's GPUs, in the order of their places on the bus, which is {@code nvidia-smi}'s
 * @param uuid such as {@code GPU-5c6a…}; empty if unknown
 * @param name the product
 * @param capability the compute capability, ten times: 86 for 8.6; 0 if unknown
 * @param bytes of its memory; 0 if unknown
 */
public record Gpu(int index, String uuid, String name, int capability, long bytes) {
    /** The capabilities that ND4J 1.0.0-M2.1 for CUDA 11.6 holds machine code for; it holds no PTX for others. */
    public static final int LEAST = 37;

    /** Code for 8.6 runs on all of 8.x from there on. */
    public static final int MOST = 89;

    /** In words: {@code cuda:0 (NVIDIA H200, compute capability 9.0)}. */
    public String describe() {
        return "cuda:" + index + " (" + name + ", compute capability "
                + (capability == 0 ? "unknown" : version(capability)) + ")";
    }

    public static String version(int capability) {
        return String.format(Locale.ROOT, "%d.%d", capability / 10, capability % 10);
    }

    /** Why the CUDA backend cannot run on it; empty if it can. */
    public String problem() {
        if (capability == 0) {
            return "its compute capability is unknown, and the CUDA backend fails on a GPU that it has no code for;"
                    + " nvidia-smi of NVIDIA's driver 510 or newer tells it";
        }
        return capability >= LEAST && capability <= MOST
                ? ""
                : "the CUDA backend holds code for compute capability " + version(LEAST) + " to " + version(MOST)
                        + " alone, and none of any other can be made from it";
    }

    public boolean usable() {
        return problem().isEmpty();
    }

    /**
     * All GPUs of a machine.
     *
     * @param gpus in order; may be empty
     * @param trouble what else was learned, such as why there are none; may be empty
     */
    public record Found(List<Gpu> gpus, String trouble) {
        public Found {
            gpus = List.copyOf(gpus);
        }

        /**
         * Those that a process sees.
         *
         * @param visible the value of {@code CUDA_VISIBLE_DEVICES}, indices or the beginnings of UUIDs; null if it is not
         *     set
         */
        List<Gpu> visible(@Nullable String visible) {
            if (visible == null) {
                return gpus;
            }
            List<Gpu> seen = new ArrayList<>();
            for (String word : visible.split(",", -1)) {
                String name = word.strip();
                Gpu gpu = gpus.stream()
                        .filter(one -> name.equals(Integer.toString(one.index))
                                || (name.startsWith("GPU-") && one.uuid.startsWith(name)))
                        .findFirst()
                        .orElse(null);
                if (gpu == null) {
                    // As CUDA reads it: what comes after a name that is none does not count.
                    break;
                }
                seen.add(gpu);
            }
            return seen;
        }
    }
}
