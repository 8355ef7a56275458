package melgauge.pipeline.cli;

import melgauge.data.UsageException;
import melgauge.pipeline.decoding.Limits;
import picocli.CommandLine.Option;

/** How files of a library are decoded, and what one of them may cost. */
final class DecodingOptions {
    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "0",
            description = "Processes that decode; 0, the default, is one per core.")
    private int workers;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long decoding one file may take, beside a tenth of its own length (default: 60).")
    private double timeout;

    @Option(
            names = "--memory",
            paramLabel = "MIB",
            defaultValue = "1024",
            description = "How much memory decoding one file may take (default: 1024).")
    private int memory;

    @Option(
            names = "--hours",
            paramLabel = "H",
            defaultValue = "24",
            description = "The longest track that is taken (default: 24).")
    private double hours;

    /** How many processes decode. */
    int workers() {
        if (workers < 0 || workers > 1024) {
            throw new UsageException("--workers=" + workers + " must be from 0 (one per core) to 1024");
        }
        return workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
    }

    /** What a file may cost. */
    Limits limits() {
        return new Limits(timeout, memory, hours, true);
    }
}
