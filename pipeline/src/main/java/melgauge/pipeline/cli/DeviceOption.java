package melgauge.pipeline.cli;

import melgauge.model.Engine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Where a command that does not train computes. */
final class DeviceOption {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceOption.class);

    @Option(
            names = "--device",
            paramLabel = "auto|cpu|cuda:N",
            description = "Where the network computes; default: auto, a GPU that this build can use, else the CPU.")
    private String device = "auto";

    /** Decides, before any work, and warns of what is slower than it has to be. */
    void use(Engine engine) {
        engine.useDevice(device, true);
        Engine.Device used = engine.device();
        used.advice().lines().forEach(LOG::warn);
    }
}
