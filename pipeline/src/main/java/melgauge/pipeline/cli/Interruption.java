package melgauge.pipeline.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Tells a user who ends a long command with Ctrl-C, or by a signal that asks to end, what is kept and how to go on. Close it
 * when the command has ended by itself.
 */
final class Interruption {
    private static final Map<String, String> KEPT = Map.of(
            "demo", "Finished spectrograms and the last checkpoint of the training are kept.",
            "prepare", "Finished spectrograms are kept in the cache.",
            "train", "Finished spectrograms and the last checkpoint of the training are kept.",
            "crossvalidate", "Finished folds, and the last checkpoint of the fold under way, are kept.",
            "sweep", "Finished trainings, and the last checkpoint of the one under way, are kept.",
            "evaluate", "Nothing is kept: scores are written at the end.",
            "tag", "Finished results are kept beside the output, which is written at the end.",
            "diagnose", "Each finished experiment is kept in the run's diagnosis; diagnose without --deep shows it.");

    /** Commands that go on only if they are asked to. */
    private static final List<String> RESUMED = List.of("train", "crossvalidate");

    private final Thread hook;

    /** Begins to listen. */
    Interruption(List<String> args, PrintWriter err) {
        hook = new Thread(
                () -> {
                    String message = message(args);
                    if (!message.isEmpty()) {
                        err.println();
                        err.println("melgauge: " + message);
                        err.flush();
                    }
                },
                "interruption");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** The message for a command line; empty for a command that has nothing to keep. */
    static String message(List<String> args) {
        String command = args.isEmpty() ? "" : args.get(0);
        String kept = KEPT.get(command);
        if (kept == null || (command.equals("diagnose") && !args.contains("--deep"))) {
            return "";
        }
        if (command.equals("tag") && !keepsResults(args)) {
            return "interrupted. The rows above are all that there is; --out FILE keeps results, and goes on from them.";
        }
        List<String> next = new ArrayList<>(args);
        next.remove("--restart");
        if (RESUMED.contains(command) && !next.contains("--resume")) {
            next.add("--resume");
        }
        return "interrupted. " + kept + " To go on: melgauge "
                + String.join(" ", next.stream().map(Shell::word).toList());
    }

    /** Whether results of {@code tag} are kept beside a file. */
    private static boolean keepsResults(List<String> args) {
        int option = args.indexOf("--out");
        return args.stream().anyMatch(word -> word.startsWith("--out=") && !word.equals("--out=-"))
                || (option >= 0
                        && option + 1 < args.size()
                        && !args.get(option + 1).equals("-"));
    }

    /** Stops listening. */
    void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // The process is ending already, and the message is being printed.
        }
    }
}
