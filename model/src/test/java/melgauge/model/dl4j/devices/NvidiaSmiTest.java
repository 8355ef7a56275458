package melgauge.model.dl4j.devices;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvidiaSmiTest {
    private static final String TWO = """
            0, GPU-1f0e9a6c-0000-0000-0000-000000000001, NVIDIA H200, 143771 MiB, 9.0
            1, GPU-1f0e9a6c-0000-0000-0000-000000000002, NVIDIA GeForce RTX 3090, 24576 MiB, 8.6
            """;

    @TempDir
    private Path folder;

    @Test
    void readsEveryGpuWithItsCapability() {
        Gpu.Found found = NvidiaSmi.find(fields -> new NvidiaSmi.Answer(0, TWO), folder);
        assertThat(found.trouble()).isEmpty();
        assertThat(found.gpus())
                .containsExactly(
                        new Gpu(0, "GPU-1f0e9a6c-0000-0000-0000-000000000001", "NVIDIA H200", 90, 143771L << 20),
                        new Gpu(
                                1,
                                "GPU-1f0e9a6c-0000-0000-0000-000000000002",
                                "NVIDIA GeForce RTX 3090",
                                86,
                                24576L << 20));
    }

    @Test
    void asksADriverThatDoesNotKnowCapabilitiesWithoutThem() {
        Gpu.Found found = NvidiaSmi.find(
                fields -> fields.contains("compute_cap")
                        ? new NvidiaSmi.Answer(2, "Field \"compute_cap\" is not a valid field to query.\n\n")
                        : new NvidiaSmi.Answer(0, "0, GPU-77, Tesla K80, 11441 MiB\n"),
                folder);
        assertThat(found.gpus()).containsExactly(new Gpu(0, "GPU-77", "Tesla K80", 0, 11441L << 20));
    }

    @Test
    void takesWhatIsNotAvailableForUnknown() {
        assertThat(NvidiaSmi.parse("0, GPU-8, NVIDIA A100-SXM4-40GB, [N/A], [N/A]\n"))
                .containsExactly(new Gpu(0, "GPU-8", "NVIDIA A100-SXM4-40GB", 0, 0));
    }

    @Test
    void quotesAToolThatFails() {
        String said = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the"
                + " latest NVIDIA driver is installed and running";
        Gpu.Found found = NvidiaSmi.find(fields -> new NvidiaSmi.Answer(9, said + ".\n\n"), folder);
        assertThat(found.gpus()).isEmpty();
        assertThat(found.trouble()).contains(said);
        assertThat(NvidiaSmi.find(fields -> new NvidiaSmi.Answer(6, "No devices were found\n"), folder)
                        .trouble())
                .contains("No devices were found");
        assertThat(NvidiaSmi.find(fields -> new NvidiaSmi.Answer(0, ""), folder).trouble())
                .contains("says: nothing");
    }

    @Test
    void saysWhatTheDriverAloneTellsWhereTheToolIsMissing() throws IOException {
        assertThat(NvidiaSmi.find(fields -> null, folder).trouble()).contains("neither nvidia-smi nor");
        Files.writeString(folder.resolve("version"), "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01\n");
        for (String place : List.of("0000:65:00.0", "0000:17:00.0")) {
            Path gpu = Files.createDirectories(folder.resolve("gpus").resolve(place));
            Files.writeString(
                    gpu.resolve("information"),
                    "Model: \t\t NVIDIA A100\nIRQ:   \t\t 16\nGPU UUID: \t GPU-" + place + "\n");
        }
        Gpu.Found found = NvidiaSmi.find(fields -> null, folder);
        assertThat(found.gpus())
                .containsExactly(
                        new Gpu(0, "GPU-0000:17:00.0", "NVIDIA A100", 0, 0),
                        new Gpu(1, "GPU-0000:65:00.0", "NVIDIA A100", 0, 0));
        assertThat(found.trouble()).contains("nvidia-smi");
    }
}
