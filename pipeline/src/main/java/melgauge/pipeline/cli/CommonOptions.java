package melgauge.pipeline.cli;

import melgauge.pipeline.Monitor;
import picocli.CommandLine.Option;

/** Options of every command that works for a while. */
final class CommonOptions {
    @Option(
            names = {"-q", "--quiet"},
            description = "Show no progress, only results and errors.")
    private boolean quiet;

    Monitor monitor() {
        return new ConsoleMonitor(quiet);
    }

    /** For a command that prints rows while it works: whole lines, no bar that rows on the same terminal would break. */
    Monitor monitorBesideRows() {
        return new ConsoleMonitor(quiet, false);
    }
}
