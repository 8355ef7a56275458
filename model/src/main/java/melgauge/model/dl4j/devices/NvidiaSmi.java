package melgauge.model.dl4j.devices;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks NVIDIA's driver which GPUs there are: by its own tool, which needs none of CUDA, and where that is missing by the
 * files that the driver shows under {@code /proc}.
 */
final class NvidiaSmi {
    private static final Logger LOG = LoggerFactory.getLogger(NvidiaSmi.class);
    private static final Path DRIVER = Path.of("/proc/driver/nvidia");
    private static final String FIELDS = "index,uuid,name,memory.total";
    private static final String CAPABILITY = ",compute_cap";
    private static final int TIMEOUT_SECONDS = 20;
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d)");
    private static final Pattern MEBIBYTES = Pattern.compile("(\\d+) MiB");

    private NvidiaSmi() {}

    /**
     * What the tool said.
     *
     * @param exit its exit code
     * @param output what it printed
     */
    record Answer(int exit, String output) {}

    /** The GPUs of this machine. */
    static Gpu.Found find() {
        return find(NvidiaSmi::ask, DRIVER);
    }

    /**
     * The same from other sources.
     *
     * @param tool answers a list of fields; null if it can't be run
     * @param driver the driver's folder
     */
    static Gpu.Found find(Function<String, @Nullable Answer> tool, Path driver) {
        Answer answer = tool.apply(FIELDS + CAPABILITY);
        if (answer != null && answer.output().contains("not a valid field")) {
            // Drivers before 510 do not know a GPU's capability.
            answer = tool.apply(FIELDS);
        }
        if (answer == null) {
            return fromDriver(driver);
        }
        List<Gpu> gpus = answer.exit() == 0 ? parse(answer.output()) : List.of();
        if (!gpus.isEmpty()) {
            return new Gpu.Found(gpus, "");
        }
        String said = answer.output()
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .findFirst()
                .orElse("nothing");
        return new Gpu.Found(
                List.of(), "no NVIDIA GPU can be reached: nvidia-smi says: " + said.replaceFirst("\\.$", ""));
    }

    private static @Nullable Answer ask(String fields) {
        try {
            Process process = new ProcessBuilder("nvidia-smi", "--query-gpu=" + fields, "--format=csv,noheader")
                    .redirectErrorStream(true)
                    .start();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new Answer(1, "nothing for " + TIMEOUT_SECONDS + " s");
            }
            // A few lines, which the pipe has held.
            return new Answer(
                    process.exitValue(), new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.debug("nvidia-smi cannot be run: {}", e.getMessage());
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** Reads lines such as {@code 0, GPU-5c6a…, NVIDIA H200, 143771 MiB, 9.0}; the last field may be missing. */
    static List<Gpu> parse(String output) {
        List<Gpu> gpus = new ArrayList<>();
        for (String line : output.lines().toList()) {
            String[] fields = line.split(" *, *", -1);
            if (fields.length >= 4 && fields[0].strip().matches("\\d{1,4}")) {
                Matcher version = VERSION.matcher(fields.length > 4 ? fields[4].strip() : "");
                Matcher memory = MEBIBYTES.matcher(fields[3].strip());
                gpus.add(new Gpu(
                        Integer.parseInt(fields[0].strip()),
                        fields[1],
                        fields[2],
                        version.matches()
                                ? 10 * Integer.parseInt(version.group(1)) + Integer.parseInt(version.group(2))
                                : 0,
                        memory.matches() ? Long.parseLong(memory.group(1)) << 20 : 0));
            }
        }
        return gpus;
    }

    private static Gpu.Found fromDriver(Path driver) {
        if (!Files.exists(driver.resolve("version"))) {
            return new Gpu.Found(List.of(), "no NVIDIA GPU was found: neither nvidia-smi nor NVIDIA's driver is there");
        }
        List<Gpu> gpus = new ArrayList<>();
        try (Stream<Path> folders = Files.list(driver.resolve("gpus"))) {
            // Named by their place on the bus, which is the order that nvidia-smi numbers them in.
            for (Path folder : folders.sorted().toList()) {
                String information = Files.readString(folder.resolve("information"));
                gpus.add(new Gpu(gpus.size(), value(information, "GPU UUID"), value(information, "Model"), 0, 0));
            }
        } catch (IOException e) {
            LOG.debug("{} cannot be read: {}", driver, e.getMessage());
        }
        return new Gpu.Found(
                gpus,
                "NVIDIA's driver is there, but nvidia-smi, which tells a GPU's compute capability, is not on the PATH;"
                        + " install it");
    }

    private static String value(String information, String name) {
        return information
                .lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }
}
