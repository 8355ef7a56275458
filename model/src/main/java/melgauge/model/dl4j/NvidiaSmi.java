package melgauge.model.dl4j;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import melgauge.model.Engine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks NVIDIA's driver, by its own tool, which GPUs there are. */
final class NvidiaSmi {
    private static final Logger LOG = LoggerFactory.getLogger(NvidiaSmi.class);

    private NvidiaSmi() {}

    /** The GPUs of this machine; none where the tool is missing or fails. */
    static List<Engine.Device> devices() {
        try {
            Process process = new ProcessBuilder(
                            "nvidia-smi", "--query-gpu=index,name,compute_cap,memory.total", "--format=csv,noheader")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return List.of();
            }
            return process.exitValue() == 0 ? parse(output) : List.of();
        } catch (IOException e) {
            LOG.debug("nvidia-smi cannot be run: {}", e.getMessage());
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** Reads lines such as {@code 0, NVIDIA H200, 9.0, 143771 MiB}. */
    static List<Engine.Device> parse(String output) {
        List<Engine.Device> devices = new ArrayList<>();
        for (String line : output.lines().toList()) {
            String[] fields = line.split(",", -1);
            if (fields.length == 4) {
                devices.add(
                        new Engine.Device(
                                "cuda:" + fields[0].strip(),
                                fields[1].strip() + ", compute capability " + fields[2].strip() + ", "
                                        + fields[3].strip(),
                                false,
                                "this build has no CUDA backend, so it holds no code for this GPU; use training.device=cpu or auto"));
            }
        }
        return devices;
    }
}
