package melgauge.pipeline.cli;

import java.io.IOException;
import java.util.List;
import melgauge.data.catalog.BatchCatalog;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.inputs.Inputs;
import picocli.CommandLine.Option;

/** What every command takes that works on files of a library. */
final class InputOptions {
    static final String PATHS =
            "Audio files, folders, playlists (.m3u, .m3u8, .pls), manifests (.csv, .tsv or .jsonl with a column path), or"
                    + " - for a list of files on standard input, one a line.";

    @Option(names = "--null", description = "Files on standard input end with NUL, as find -print0 writes them.")
    private boolean nul;

    @Option(names = "--all", description = "Files in folders that are not audio by their names are inputs, too.")
    private boolean all;

    /** Lists the inputs that paths stand for, and says how lists are read, as far as that is unusual. */
    Inputs.Found find(List<String> paths, BatchCatalog.Adder adder, Monitor monitor) throws IOException {
        Inputs.Found found = Inputs.find(
                paths,
                new Inputs.Options(nul, all),
                System.in,
                input -> adder.add(input.path(), input.file(), input.failure()));
        found.notes().forEach(monitor::say);
        return found;
    }
}
