package melgauge.pipeline.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import melgauge.data.Natives;
import melgauge.data.TemporaryFolder;
import melgauge.data.UsageException;
import melgauge.model.engine.NeedsEnvironment;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.Version;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code melgauge COMMAND …}. */
@Command(
        name = "melgauge",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Versions.class,
        scope = ScopeType.INHERIT,
        description = "Learns continuous qualities of music from audio files, and tags libraries with them.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Start with 'melgauge demo'. 'melgauge help COMMAND' explains a command.",
            "",
            "MELGAUGE_NATIVES=DIR names the folder of native libraries, ~/.cache/melgauge",
            "if unset, and TMPDIR=DIR that of temporary files."
        },
        subcommands = {
            DemoCommand.class,
            InitCommand.class,
            PrepareCommand.class,
            TrainCommand.class,
            CrossvalidateCommand.class,
            SweepCommand.class,
            EvaluateCommand.class,
            DiagnoseCommand.class,
            TagCommand.class,
            FeaturesCommand.class,
            InspectCommand.class,
            CacheCommand.class,
            BenchCommand.class,
            DevicesCommand.class,
            CommandLine.HelpCommand.class,
            AutoComplete.GenerateCompletion.class
        })
public final class Main implements Runnable {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int SOME_ERRORS = 3;

    /** Commands that load no native library and leave nothing in the temporary folder. */
    private static final Set<String> WITHOUT_NATIVES = Set.of("melgauge", "help", "init", "generate-completion");

    private static final Set<String> WITHOUT_NETWORKS = Set.of("prepare", "features", "size", "verify", "prune");

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Asked for by {@code --version}. */
    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"melgauge " + Version.text()};
        }
    }

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs a command; returns its exit code. */
    static int run(String... args) {
        Logging.configure();
        PrintWriter out = new PrintWriter(new java.io.OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
        PrintWriter err = new PrintWriter(new java.io.OutputStreamWriter(System.err, StandardCharsets.UTF_8), true);
        Interruption interruption = new Interruption(List.of(args), err);
        try {
            return commandLine(out, err, List.of(args)).execute(args);
        } catch (StackOverflowError | OutOfMemoryError | LinkageError e) {
            // picocli hands exceptions to the handler below, but lets errors of the JVM through.
            return report(new IllegalStateException(e), err);
        } finally {
            interruption.close();
        }
    }

    private static CommandLine commandLine(PrintWriter out, PrintWriter err, List<String> args) {
        return new CommandLine(new Main())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExecutionStrategy(Main::execute)
                .setParameterExceptionHandler((e, ignored) -> usage(e))
                .setExecutionExceptionHandler(
                        (e, command, ignored) -> e instanceof NeedsEnvironment needs && !Restart.isDone()
                                ? Restart.run(needs.variables(), args)
                                : report(e, command.getErr()));
    }

    /** Checks the folders that all work needs before a command begins with it. */
    private static int execute(CommandLine.ParseResult parsed) {
        List<CommandLine> commands = parsed.asCommandLineList();
        CommandLine command = commands.get(commands.size() - 1);
        boolean asksForHelp = commands.stream().anyMatch(c -> c.isUsageHelpRequested() || c.isVersionHelpRequested());
        if (!asksForHelp && !WITHOUT_NATIVES.contains(command.getCommandName())) {
            try {
                TemporaryFolder.removeLeftovers();
                Natives.prepare(!WITHOUT_NETWORKS.contains(command.getCommandName()));
            } catch (IOException e) {
                throw new CommandLine.ExecutionException(command, String.valueOf(e.getMessage()), e);
            }
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    private static int usage(CommandLine.ParameterException e) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("melgauge: " + e.getMessage());
        List<String> keys = keys(e);
        if (!keys.isEmpty()) {
            err.println("a setting of the run file is given by --set, such as --set " + keys.get(0) + "=VALUE");
        } else if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, err)) {
            err.println("'" + command.getCommandSpec().qualifiedName() + " --help' explains the command");
        }
        return USAGE;
    }

    /** The keys of the run file that an unknown option is named after, if the command takes any. */
    private static List<String> keys(CommandLine.ParameterException e) {
        boolean takesKeys = e.getCommandLine().getCommandSpec().findOption("--set") != null;
        return takesKeys && e instanceof CommandLine.UnmatchedArgumentException unmatched
                ? unmatched.getUnmatched().stream()
                        .filter(word -> word.startsWith("-"))
                        .map(word -> word.replaceFirst("^-+", "").replaceFirst("=.*", ""))
                        .flatMap(name -> RunFile.keysNamed(name).stream())
                        .toList()
                : List.of();
    }

    private static int report(Exception e, PrintWriter err) {
        if (e instanceof UsageException) {
            err.println("melgauge: " + e.getMessage());
            return USAGE;
        }
        if (e instanceof InterruptedException) {
            err.println("melgauge: interrupted");
            return FAILED;
        }
        if (e instanceof IOException && e.getMessage() != null) {
            err.println("melgauge: " + e.getMessage());
            return FAILED;
        }
        if (e.getCause() instanceof OutOfMemoryError) {
            err.println("melgauge: the memory is used up; give it more, such as JAVA_OPTS=-Xmx8g");
            return FAILED;
        }
        Optional<String> unloaded = Natives.explain(e);
        if (unloaded.isPresent()) {
            err.println("melgauge: " + unloaded.get());
            return FAILED;
        }
        err.println("melgauge: this should not have happened: " + e);
        err.println("melgauge: " + details(e));
        return FAILED;
    }

    /** Keeps the stack trace of a defect for whoever will mend it. */
    private static String details(Exception e) {
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        try {
            Path file = Files.createTempFile("melgauge-error-", ".txt");
            Files.writeString(
                    file, "melgauge " + Version.text() + ", Java " + System.getProperty("java.version") + "\n" + trace);
            return "the details for a bug report are in " + file;
        } catch (IOException unwritable) {
            return trace.toString();
        }
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
