package melgauge.pipeline.decoding;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import melgauge.data.AudioException;
import melgauge.data.Failure;
import melgauge.data.TemporaryFolder;
import melgauge.features.FeatureSpec;
import melgauge.features.FrameSink;
import org.jspecify.annotations.Nullable;

/**
 * Reads tracks in a worker process, so that nothing a file does to a decoder can end this one. A track on which the worker
 * dies, or for which the {@link Watchdog} ends it, has failed; the next one gets a new worker. A worker that was asked to end
 * (Ctrl-C reaches it, too) has been interrupted, and says nothing of the track.
 */
final class ProcessReader implements TrackReader {
    private static final Path NICE = Path.of("/usr/bin/nice");
    private static final int OUT_OF_MEMORY = 3;

    /** Exit codes of a process that was sent SIGHUP, SIGINT or SIGTERM, which no decoder raises. */
    private static final List<Integer> ASKED_TO_END = List.of(129, 130, 143);

    private static final Map<Integer, String> SIGNALS = Map.of(
            1, "SIGHUP", 2, "SIGINT", 4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV",
            15, "SIGTERM");

    /** Starts {@link WorkerProcess#serve} on the process's standard input and output. */
    private static final String MAIN = "melgauge.pipeline.cli.DecodingMain";

    /** How the launcher makes malloc keep memory for training; a worker has a limit and gives back what it can. */
    private static final Set<String> TRAINING =
            Set.of("MALLOC_ARENA_MAX", "MALLOC_MMAP_MAX_", "MALLOC_TRIM_THRESHOLD_");

    /** Options of this JVM that its workers have to share: where things are, and what may be done. */
    private static final Pattern INHERITED =
            Pattern.compile("(-Xshare:|-XX:SharedArchiveFile=|--enable-native-access|--sun-misc-unsafe|-Xlog:cds"
                    + "|-Dfile\\.encoding|-Djava\\.library\\.path).*");

    /** Where JavaCPP finds FFmpeg: in a worker where it does in this process. */
    private static final String NATIVES = "org.bytedeco.javacpp.cachedir";

    private final FeatureSpec features;
    private final int bands;
    private final Limits limits;
    private final boolean yields;
    private final String mainClass;
    private volatile @Nullable Worker worker;
    private volatile boolean closed;

    ProcessReader(FeatureSpec features, Limits limits, boolean yields) {
        this(features, limits, yields, MAIN);
    }

    ProcessReader(FeatureSpec features, Limits limits, boolean yields, String mainClass) {
        this.features = features;
        this.bands = features.bands();
        this.limits = limits;
        this.yields = yields;
        this.mainClass = mainClass;
    }

    @Override
    public Reading read(Path file, FrameSink sink) throws IOException, InterruptedException {
        Worker current = worker;
        if (current == null) {
            current = new Worker();
            worker = current;
        }
        boolean sound = false;
        try {
            Reading reading = current.read(file, sink);
            sound = true;
            return reading;
        } catch (Told e) {
            sound = true;
            throw new AudioException(e.failure.code(), e.failure.reason());
        } finally {
            if (!sound) {
                worker = null;
                current.close();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        Worker current = worker;
        if (current != null) {
            current.close();
        }
    }

    /** The worker says that a file cannot be used. */
    private static final class Told extends Exception {
        private final Failure failure;

        Told(Failure failure) {
            this.failure = failure;
        }
    }

    /** A process under way. */
    private final class Worker implements AutoCloseable {
        private final Path folder;
        private final Process process;
        private final DataOutputStream requests;
        private final DataInputStream answers;
        private final Wire.FrameReader frames;
        private final Watchdog watchdog;

        Worker() throws IOException, InterruptedException {
            folder = Files.createTempDirectory(TemporaryFolder.ofProcess(), "worker-");
            process = start(folder);
            requests = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
            answers = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16));
            frames = new Wire.FrameReader(answers, bands);
            watchdog = new Watchdog(process, limits);
            boolean ready = false;
            try {
                Wire.writeText(requests, features.canonicalJson());
                requests.writeDouble(limits.hours());
                requests.flush();
                ready = Wire.readWord(answers) == Wire.Word.READY;
            } catch (IOException e) {
                throw new IOException(
                        "a worker process cannot be started: " + ending().reason() + "; what it said: " + said(), e);
            } finally {
                if (!ready) {
                    close();
                }
            }
        }

        Reading read(Path file, FrameSink sink) throws IOException, InterruptedException, Told {
            watchdog.begin();
            long received = 0;
            try {
                Wire.writePath(requests, file);
                requests.flush();
            } catch (IOException e) {
                throw died();
            }
            while (true) {
                int count = 0;
                double seconds = received * (double) features.hopLength() / features.sampleRate();
                try {
                    watchdog.await();
                    switch (Wire.readWord(answers)) {
                        case FRAMES -> count = frames.receive();
                        case PROGRESS -> seconds = answers.readLong() / (double) features.sampleRate();
                        case DONE -> {
                            Reading reading = Wire.readReading(answers, features.sampleRate());
                            watchdog.answered(seconds);
                            return reading;
                        }
                        case FAILED -> {
                            Failure failure = Wire.readFailure(answers);
                            watchdog.answered(seconds);
                            throw new Told(failure);
                        }
                        case READY -> throw new IOException("it is ready, but was at work");
                    }
                    watchdog.answered(seconds);
                } catch (IOException e) {
                    throw died();
                }
                received += count;
                frames.handOn(count, sink);
            }
        }

        /** What to throw when the pipe has broken. */
        private IOException died() throws InterruptedException {
            if (closed) {
                return new IOException("reading was ended");
            }
            Failure failure = ending();
            if (watchdog.verdict() == null && ASKED_TO_END.contains(process.exitValue())) {
                throw new InterruptedException(failure.reason());
            }
            return new AudioException(failure.code(), failure.reason());
        }

        /** Why the process ended. */
        private Failure ending() throws InterruptedException {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Failure verdict = watchdog.verdict();
            if (verdict != null) {
                return verdict;
            }
            int exit = process.exitValue();
            if (exit == OUT_OF_MEMORY) {
                return new Failure(
                        Failure.Code.MEMORY,
                        "took more than the " + limits.heap() + " MiB that Java's part of decoding may take");
            }
            String report = crashReport();
            if (!report.isEmpty()) {
                return new Failure(Failure.Code.CRASH, "the process that decoded it died: " + report);
            }
            return new Failure(
                    Failure.Code.CRASH,
                    "the process that decoded it "
                            + (exit > 128
                                    ? "was ended by signal " + signal(exit - 128)
                                    : "ended with exit code " + exit));
        }

        /** Signal and place of a crash, from the report that the JVM leaves; empty if it left none. */
        private String crashReport() {
            Path report = folder.resolve(WorkerProcess.REPORT);
            if (!Files.isRegularFile(report)) {
                return "";
            }
            try (Stream<String> lines = Files.lines(report, StandardCharsets.ISO_8859_1)) {
                String head = String.join("\n", lines.limit(40).toList());
                Matcher signal = Pattern.compile("#\\s+(SIG[A-Z]+) \\(").matcher(head);
                Matcher library = Pattern.compile("# C\\s+\\[([^+\\]]+)").matcher(head);
                return (signal.find() ? signal.group(1) : "an error of the JVM")
                        + (library.find() ? " in " + library.group(1) : "");
            } catch (IOException | UncheckedIOException e) {
                return "";
            }
        }

        private String said() {
            try {
                String text = Files.readString(folder.resolve(WorkerProcess.SAID), StandardCharsets.ISO_8859_1)
                        .strip();
                return text.isEmpty() ? "nothing" : text;
            } catch (IOException e) {
                return "nothing";
            }
        }

        @Override
        public void close() {
            watchdog.close();
            process.destroyForcibly();
            TemporaryFolder.remove(folder);
        }
    }

    private static String signal(int number) {
        return SIGNALS.getOrDefault(number, Integer.toString(number));
    }

    private Process start(Path folder) throws IOException {
        List<String> command = new ArrayList<>();
        if (yields && Files.isExecutable(NICE)) {
            command.addAll(List.of(NICE.toString(), "-n", "10"));
        }
        command.add(ProcessHandle.current().info().command().orElse("java"));
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (INHERITED.matcher(option).matches()) {
                command.add(option);
            }
        }
        String natives = System.getProperty(NATIVES);
        if (natives != null) {
            command.add("-D" + NATIVES + "=" + natives);
        }
        command.addAll(List.of(
                "-Djava.io.tmpdir=" + folder,
                "-Xmx" + limits.heap() + "m",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + folder.resolve(WorkerProcess.REPORT),
                "-XX:+DisplayVMOutputToStderr",
                "-cp",
                System.getProperty("java.class.path"),
                mainClass,
                folder.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(folder.resolve(WorkerProcess.SAID).toFile());
        builder.environment().keySet().removeAll(TRAINING);
        return builder.start();
    }
}
