package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import melgauge.data.ffmpeg.FfmpegDecoder;
import melgauge.model.engine.Engine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "devices", description = "Shows where networks can run here, and what to do where they can't.")
final class DevicesCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Engine engine = Engine.named("auto");
        out.println("engine " + engine.name() + ", decoding by " + FfmpegDecoder.version());
        for (Engine.Device device : engine.devices()) {
            out.println(device.name() + ": " + device.description() + (device.usable() ? "" : " — cannot be used"));
            device.advice().lines().forEach(line -> out.println("  " + line));
        }
        out.flush();
        return Main.OK;
    }
}
