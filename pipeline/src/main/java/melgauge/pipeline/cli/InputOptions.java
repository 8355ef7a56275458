package melgauge.pipeline.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import melgauge.data.catalog.BatchCatalog;
import melgauge.pipeline.tagging.Inputs;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What every command takes that works on files of a library. */
final class InputOptions {
    @Parameters(
            arity = "0..*",
            paramLabel = "PATH",
            description =
                    "Audio files, folders, playlists (.m3u, .m3u8, .pls), manifests (.csv with a column path), or - for"
                            + " a list of files on standard input, one a line.")
    private List<String> paths = new ArrayList<>();

    @Option(names = "--null", description = "Files on standard input end with NUL, as find -print0 writes them.")
    private boolean nul;

    @Option(names = "--all", description = "Files in folders that are not audio by their names are inputs, too.")
    private boolean all;

    /** Whether none were given. */
    boolean isEmpty() {
        return paths.isEmpty();
    }

    /** Lists the inputs. */
    Inputs.Found find(BatchCatalog.Adder adder) throws IOException {
        return Inputs.find(
                paths,
                new Inputs.Options(nul, all),
                System.in,
                input -> adder.add(input.path(), input.file(), input.failure()));
    }
}
