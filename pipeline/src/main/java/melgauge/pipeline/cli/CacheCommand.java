package melgauge.pipeline.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.upkeep.CacheUpkeep;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "cache",
        description = "Measures a feature cache, checks it, and removes what nothing needs any more.",
        synopsisSubcommandLabel = "(size | verify | prune)",
        subcommands = {CacheCommand.Size.class, CacheCommand.Verify.class, CacheCommand.Prune.class})
final class CacheCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "Missing required subcommand: size, verify or prune");
    }

    /** Which cache. */
    static final class Where {
        @Parameters(
                paramLabel = "DIR|RUN.yaml",
                description = "The folder of a cache, or a run file whose key cache names it.")
        @SuppressWarnings("NullAway.Init") // set by picocli
        private Path path;

        CacheUpkeep open() {
            return CacheUpkeep.of(path);
        }
    }

    @Command(
            name = "size",
            description = "Shows how many spectrograms a cache holds and what they take, by feature settings.")
    static final class Size implements Callable<Integer> {
        @Mixin
        private Where where = new Where();

        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            print(where.open(), spec.commandLine().getOut());
            return Main.OK;
        }
    }

    /** Says what a cache takes. */
    static void print(CacheUpkeep cache, PrintWriter out) throws IOException {
        CacheUpkeep.Size size = cache.size();
        for (CacheUpkeep.Share share : size.shares()) {
            out.printf(
                    Locale.ROOT,
                    "features %s…: %s, %s (%s)%n",
                    share.specName(),
                    count(share.entries(), "spectrogram", "spectrograms"),
                    megabytes(share.bytes()),
                    share.settings().isEmpty() ? "settings unknown" : share.settings());
        }
        if (size.leftovers() > 0) {
            out.printf(
                    Locale.ROOT,
                    "%s, %s: 'melgauge cache prune' removes those older than an hour%n",
                    count(size.leftovers(), "unfinished file", "unfinished files"),
                    megabytes(size.leftoverBytes()));
        }
        out.printf(
                Locale.ROOT,
                "%s of %s, %s in all%n",
                count(size.entries(), "spectrogram", "spectrograms"),
                count(size.tracks(), "track", "tracks"),
                megabytes(size.bytes()));
    }

    @Command(
            name = "verify",
            description = {
                "Reads every spectrogram of a cache and compares it with its recorded length and checksum.",
                "Exit code 3 if one is damaged."
            })
    static final class Verify implements Callable<Integer> {
        @Mixin
        private Where where = new Where();

        @Option(names = "--repair", description = "Remove what is damaged, so that the next prepare makes it anew.")
        private boolean repair;

        @Mixin
        private CommonOptions common = new CommonOptions();

        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            CacheUpkeep.Check check = where.open().verify(common.monitor(), repair);
            PrintWriter out = spec.commandLine().getOut();
            check.damaged().forEach(defect -> out.println("damaged: " + defect));
            if (check.unknown() > 0) {
                out.println(count(check.unknown(), "spectrogram is", "spectrograms are")
                        + " not in the catalogue, so that only header and length could be checked");
            }
            if (check.missing() > 0) {
                out.println(count(check.missing(), "spectrogram is", "spectrograms are")
                        + " in the catalogue but not there; the next prepare that needs them makes them anew");
            }
            boolean sound = check.damaged().isEmpty();
            out.println(count(check.read(), "spectrogram", "spectrograms") + " read, "
                    + (sound ? "none" : check.damaged().size()) + " damaged"
                    + (sound
                            ? ""
                            : repair
                                    ? " and removed; the next prepare makes them anew"
                                    : "; --repair removes them, and the next prepare makes them anew"));
            return sound ? Main.OK : Main.SOME_ERRORS;
        }
    }

    @Command(
            name = "prune",
            description = {
                "Removes from a cache what nothing needs any more: leftovers of interrupted writes, spectrograms that"
                        + " the catalogue does not know, and those whose audio file is gone or was changed.",
                "What is needed after all, the next prepare makes anew. Not to be used while a run prepares or trains."
            })
    static final class Prune implements Callable<Integer> {
        @Mixin
        private Where where = new Where();

        @Option(
                names = "--keep",
                paramLabel = "RUN.yaml",
                description =
                        "Also remove spectrograms of all feature settings but those of this run; may be repeated.")
        private List<Path> keep = new ArrayList<>();

        @Option(names = "--dry-run", description = "Only list what would be removed.")
        private boolean dryRun;

        @Mixin
        private CommonOptions common = new CommonOptions();

        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            CacheUpkeep cache = where.open();
            Set<String> settings = new HashSet<>();
            for (Path run : keep) {
                settings.add(RunFile.read(run, List.of()).features().id());
            }
            List<CacheUpkeep.Unneeded> unneeded = cache.prune(common.monitor(), settings, dryRun);
            PrintWriter out = spec.commandLine().getOut();
            Map<CacheUpkeep.Reason, long[]> sums = new EnumMap<>(CacheUpkeep.Reason.class);
            long bytes = 0;
            for (CacheUpkeep.Unneeded item : unneeded) {
                if (dryRun) {
                    out.println(item.reason().name().toLowerCase(Locale.ROOT).replace('_', ' ') + ": " + item.name());
                }
                long[] sum = sums.computeIfAbsent(item.reason(), reason -> new long[2]);
                sum[0]++;
                sum[1] += item.bytes();
                bytes += item.bytes();
            }
            sums.forEach((reason, sum) -> out.printf(
                    Locale.ROOT, "%,d %s%s%n", sum[0], reason.words(), sum[1] > 0 ? ", " + megabytes(sum[1]) : ""));
            out.println(
                    unneeded.isEmpty()
                            ? "nothing to remove"
                            : megabytes(bytes) + (dryRun ? " would be freed; nothing was removed" : " freed"));
            return Main.OK;
        }
    }

    private static String count(long number, String one, String many) {
        return String.format(Locale.ROOT, "%,d %s", number, number == 1 ? one : many);
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
