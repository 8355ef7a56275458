package melgauge.pipeline.cli;

import melgauge.model.engine.Execution;
import melgauge.model.engine.Session;
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

    /** The execution on that device. */
    Execution execution() {
        return Execution.on(device);
    }

    /** Refuses a device that can't be had, before any work, and warns of what is slower than it has to be. */
    void check() {
        try (Session session = execution().openToPredict()) {
            session.device().advice().lines().forEach(LOG::warn);
        }
    }
}
