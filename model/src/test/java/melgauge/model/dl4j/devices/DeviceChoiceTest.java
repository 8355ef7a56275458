package melgauge.model.dl4j.devices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import melgauge.data.UsageException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceChoiceTest {
    private static final boolean CUDA = true;
    private static final String H100 = "0, GPU-aa11, NVIDIA H100 80GB HBM3, 81559 MiB, 9.0\n";
    private static final String MIXED = H100
            + "1, GPU-bb22, NVIDIA GeForce RTX 3090, 24576 MiB, 8.6\n"
            + "2, GPU-cc33, NVIDIA A100-SXM4-40GB, 40960 MiB, 8.0\n";
    private static final String FAILED =
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA"
                    + " driver is installed and running.\n";

    private static Gpu.Found found(String output) {
        boolean fails = !output.startsWith("0,");
        return NvidiaSmi.find(fields -> new NvidiaSmi.Answer(fails ? 9 : 0, output), Path.of("absent"));
    }

    private static @Nullable Gpu choose(String output, @Nullable String visible, String device) {
        return DeviceChoice.of(found(output), visible, CUDA, device, false).gpu();
    }

    @ParameterizedTest(name = "{0}, {2}")
    @CsvSource({
        "Tesla K80, 11441 MiB, 3.7",
        "NVIDIA A100-SXM4-80GB, 81920 MiB, 8.0",
        "NVIDIA GeForce RTX 3090, 24576 MiB, 8.6",
        "NVIDIA GeForce RTX 4090, 24564 MiB, 8.9"
    })
    void usesAGpuThatTheBackendHasCodeFor(String name, String memory, String capability) {
        String output = "0, GPU-aa11, " + name + ", " + memory + ", " + capability + "\n";
        Gpu gpu = found(output).gpus().get(0);
        for (String device : List.of("auto", "cuda", "cuda:0")) {
            assertThat(choose(output, null, device)).isEqualTo(gpu);
        }
        assertThat(choose(output, null, "cpu")).isNull();
    }

    @ParameterizedTest(name = "{0}, {2}")
    @CsvSource({
        "NVIDIA GeForce GTX 680, 2048 MiB, 3.0",
        "NVIDIA H100 80GB HBM3, 81559 MiB, 9.0",
        "NVIDIA H200, 143771 MiB, 9.0",
        "NVIDIA B200, 183359 MiB, 10.0",
        "NVIDIA GeForce RTX 5090, 32607 MiB, 12.0",
        "Tesla K80, 11441 MiB, [N/A]"
    })
    void refusesAGpuThatItHasNoCodeForWhetherNamedOrNot(String name, String memory, String capability) {
        Gpu.Found found = found("0, GPU-aa11, " + name + ", " + memory + ", " + capability + "\n");
        for (String device : List.of("auto", "cuda", "cuda:0")) {
            assertThatThrownBy(() -> DeviceChoice.of(found, null, CUDA, device, false))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("device=" + device)
                    .hasMessageContaining(name)
                    .hasMessageContaining(capability.equals("[N/A]") ? "unknown" : capability)
                    .hasMessageContaining("training.device=cpu");
        }
        assertThat(DeviceChoice.of(found, null, CUDA, "cpu", false)).isEqualTo(new DeviceChoice(null, ""));
        // Nothing is trained: the CPU will do, but it is said.
        DeviceChoice choice = DeviceChoice.of(found, null, CUDA, "auto", true);
        assertThat(choice.gpu()).isNull();
        assertThat(choice.note()).contains("no GPU is used").contains(name);
    }

    @Test
    void takesTheFirstUsableOfSeveral() {
        assertThat(choose(MIXED, null, "auto")).isEqualTo(found(MIXED).gpus().get(1));
        assertThat(choose(MIXED, null, "cuda")).isEqualTo(found(MIXED).gpus().get(1));
        assertThat(choose(MIXED, null, "cuda:2")).isEqualTo(found(MIXED).gpus().get(2));
        assertThatThrownBy(() -> choose(MIXED, null, "cuda:0")).hasMessageContaining("9.0");
    }

    @Test
    void namesTheGpusThereAreWhereAnotherIsAskedFor() {
        assertThatThrownBy(() -> choose(MIXED, null, "cuda:3"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("no such GPU")
                .hasMessageContaining("cuda:0 (NVIDIA H100 80GB HBM3, compute capability 9.0)")
                .hasMessageContaining("cuda:2 (NVIDIA A100-SXM4-40GB, compute capability 8.0)");
    }

    @Test
    void heedsWhichGpusTheProcessSees() {
        assertThat(choose(MIXED, "2,1", "auto")).isEqualTo(found(MIXED).gpus().get(2));
        assertThat(choose(MIXED, "GPU-bb", "auto"))
                .isEqualTo(found(MIXED).gpus().get(1));
        assertThat(choose(MIXED, "", "auto")).isNull();
        assertThat(choose(MIXED, "-1,1", "auto")).isNull();
        assertThatThrownBy(() -> choose(MIXED, "1", "cuda:2"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("CUDA_VISIBLE_DEVICES=1 hides it");
        assertThatThrownBy(() -> choose(MIXED, "0", "auto")).hasMessageContaining("9.0");
    }

    @Test
    void asksForAProcessThatSeesNoOtherGpu() {
        Gpu.Found mixed = found(MIXED);
        Gpu second = mixed.gpus().get(1);
        Map<String, String> needed = Map.of("CUDA_DEVICE_ORDER", "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES", "GPU-bb22");
        assertThat(DeviceChoice.environment(second, mixed, null)).isEqualTo(needed);
        assertThat(DeviceChoice.environment(second, mixed, "1,2")).isEqualTo(needed);
        // The process that is started so asks for nothing more, and chooses the same.
        assertThat(DeviceChoice.environment(second, mixed, "GPU-bb22")).isEmpty();
        assertThat(choose(MIXED, "GPU-bb22", "auto")).isEqualTo(second);
        Gpu.Found one = new Gpu.Found(List.of(second), "");
        assertThat(DeviceChoice.environment(second, one, null)).isEmpty();
    }

    @Test
    void computesOnTheCpuAndSaysWhyWhereNoGpuIs() {
        DeviceChoice choice = DeviceChoice.of(found(FAILED), null, CUDA, "auto", false);
        assertThat(choice.gpu()).isNull();
        assertThat(choice.note()).hasLineCount(1).contains("couldn't communicate with the NVIDIA driver");
        for (String device : List.of("cuda", "cuda:0")) {
            assertThatThrownBy(() -> DeviceChoice.of(found(FAILED), null, CUDA, device, true))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("couldn't communicate with the NVIDIA driver")
                    .hasMessageContaining("training.device=cpu");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cuda", "cuda:1"})
    void refusesAGpuInABuildWithoutCudaAndSaysHowToMakeOneWith(String device) {
        assertThatThrownBy(() -> DeviceChoice.of(found(MIXED), null, !CUDA, device, true))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("device=" + device)
                .hasMessageContaining("mvn -Pcuda");
        assertThatThrownBy(() -> DeviceChoice.of(found(H100), null, !CUDA, device, false))
                .hasMessageContaining("cannot use what is here either")
                .hasMessageContaining("9.0");
    }

    @Test
    void namesTheGpusThatABuildWithoutCudaLeavesUnused() {
        DeviceChoice choice = DeviceChoice.of(found(MIXED), null, !CUDA, "auto", false);
        assertThat(choice.gpu()).isNull();
        assertThat(choice.note().lines())
                .hasSize(3)
                .satisfies(lines -> assertThat(lines.get(0)).contains("H100").contains("nor would it help"))
                .satisfies(lines -> assertThat(lines.get(1)).contains("3090").contains("mvn -Pcuda"));
        assertThat(DeviceChoice.of(found(FAILED), null, !CUDA, "auto", false).note())
                .isEmpty();
    }
}
