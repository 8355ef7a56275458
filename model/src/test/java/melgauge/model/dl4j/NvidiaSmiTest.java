package melgauge.model.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import melgauge.model.Engine;
import org.junit.jupiter.api.Test;

class NvidiaSmiTest {
    @Test
    void namesEveryGpuWithItsCapabilityAndSaysWhatToDo() {
        List<Engine.Device> devices =
                NvidiaSmi.parse("0, NVIDIA H200, 9.0, 143771 MiB\n1, NVIDIA GeForce RTX 3090, 8.6, 24576 MiB\n");
        assertThat(devices).extracting(Engine.Device::name).containsExactly("cuda:0", "cuda:1");
        assertThat(devices.get(0).description()).isEqualTo("NVIDIA H200, compute capability 9.0, 143771 MiB");
        assertThat(devices).allSatisfy(device -> {
            assertThat(device.usable()).isFalse();
            assertThat(device.advice()).contains("no CUDA backend").contains("training.device=cpu");
        });
    }

    @Test
    void takesNothingFromOutputOfAnotherForm() {
        assertThat(NvidiaSmi.parse("No devices were found\n")).isEmpty();
        assertThat(NvidiaSmi.parse("")).isEmpty();
    }
}
