package melgauge.pipeline.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs the command again in a process of its own with other environment variables: a JVM can't change those it has. */
final class Restart {
    private static final String DONE = "MELGAUGE_RESTARTED";

    private Restart() {}

    /** Whether this process is already one that was started so. */
    static boolean isDone() {
        return System.getenv(DONE) != null;
    }

    /** Runs it, with this process's options, input and output; returns its exit code. */
    static int run(Map<String, String> variables, List<String> args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            // Two processes must not write one archive.
            if (!option.startsWith("-XX:ArchiveClassesAtExit")) {
                command.add(option);
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(args);
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().putAll(variables);
        builder.environment().put(DONE, "true");
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "melgauge-restart"));
        return process.waitFor();
    }
}
