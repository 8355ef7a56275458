package melgauge.pipeline.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import melgauge.data.AudioStream;
import melgauge.data.Decoder;
import melgauge.data.Excerpt;
import melgauge.data.TemporaryFolder;
import melgauge.data.UsageException;
import melgauge.features.BandNormalizer;
import melgauge.features.FeatureCache;
import melgauge.features.FeatureExtractor;
import melgauge.features.Gain;
import melgauge.features.MelSpec;
import melgauge.features.PatchSpec;
import melgauge.features.Spectrogram;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.Batch;
import melgauge.model.engine.InitialWeights;
import melgauge.model.engine.Network;
import melgauge.model.engine.Session;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.PatchShape;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import melgauge.model.training.PatchFeed;
import melgauge.pipeline.TrackTask;
import melgauge.pipeline.Workers;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "bench",
        description = "Measures this machine, or the diagnosis; one JSON object a line.",
        synopsisSubcommandLabel = "[diagnosis]",
        subcommands = DiagnosisBenchCommand.class)
final class BenchCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int WARM_UP = 5;
    private static final int TARGETS = 5;

    enum Subject {
        FRONT,
        TRAIN,
        INFER
    }

    /** Null where the subcommand takes its place. */
    @Parameters(
            arity = "0..1",
            paramLabel = "front|train|infer",
            description =
                    "front: decoding and spectrograms of the demo corpus, as multiples of real time; train, infer: steps"
                            + " of the default network.")
    private @Nullable Subject subject;

    @Option(names = "--threads", paramLabel = "N", description = "Threads; default: one per core.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--batch", paramLabel = "N", description = "Patches per step; default: 16.")
    private int batch = TrainSpec.defaults().batchSize();

    @Option(names = "--steps", paramLabel = "N", description = "Steps that count, after a warm-up; default: 20.")
    private int steps = 20;

    @Option(
            names = "--feed",
            description =
                    "train: on patches that are cut from stored spectrograms, normalised and varied while the network"
                            + " learns, instead of one batch again and again.")
    private boolean feed;

    @Option(
            names = "--watch",
            description = "train: every other step without watching how the layers move, to see what watching costs.")
    private boolean watch;

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (subject == null) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "Missing required parameter: front, train, infer or diagnosis");
        }
        for (int value : new int[] {threads, batch, steps}) {
            if (value < 1) {
                throw new UsageException("--threads, --batch and --steps must be at least 1");
            }
        }
        if (subject == Subject.FRONT) {
            front();
        } else {
            network();
        }
        return Main.OK;
    }

    private void network() throws IOException {
        device.check();
        PatchShape shape =
                new PatchShape(PatchSpec.defaults().frames(), MelSpec.defaults().nMels());
        double[] means = new double[TARGETS];
        Arrays.fill(means, 0.5);
        double[] milliseconds = new double[steps];
        double[] unwatched = new double[watch && subject == Subject.TRAIN ? steps : 0];
        Architecture architecture = new Architecture(NetworkSpec.defaults(), shape, TARGETS);
        String place;
        try (Session session = device.execution().withThreads(threads).openToPredict();
                Network network =
                        session.open(architecture, TrainSpec.defaults(), InitialWeights.of(architecture, means, 1));
                Stored stored = feed ? new Stored(shape, batch) : null) {
            place = session.device().name();
            Random random = new Random(1);
            float[] patches = new float[batch * shape.size()];
            for (int i = 0; i < patches.length; i++) {
                patches[i] = (float) random.nextGaussian();
            }
            float[] labels = new float[batch * TARGETS];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = random.nextFloat();
            }
            Batch constant = new Batch(patches, labels, null, batch);
            for (int step = -WARM_UP; step < steps; step++) {
                if (step >= 0 && unwatched.length > 0) {
                    network.watch(false);
                    long begin = System.nanoTime();
                    network.step(stored == null ? constant : stored.next(), 0);
                    unwatched[step] = (System.nanoTime() - begin) / 1e6;
                    network.watch(true);
                }
                long begin = System.nanoTime();
                if (subject == Subject.TRAIN) {
                    network.step(stored == null ? constant : stored.next(), 0);
                } else {
                    network.predict(patches, batch);
                }
                if (step >= 0) {
                    milliseconds[step] = (System.nanoTime() - begin) / 1e6;
                }
            }
        }
        Arrays.sort(milliseconds);
        double median = milliseconds[steps / 2];
        ObjectNode json = JSON.createObjectNode();
        json.put("bench", subject == Subject.TRAIN ? "train" : "infer");
        json.put("device", place);
        json.put("threads", threads);
        json.put("batch", batch);
        json.put("steps", steps);
        if (subject == Subject.TRAIN) {
            json.put("data", feed ? "feed" : "constant");
        }
        json.putObject("msPerStep").put("min", round(milliseconds[0])).put("median", round(median));
        if (unwatched.length > 0) {
            Arrays.sort(unwatched);
            json.putObject("unwatchedMsPerStep")
                    .put("min", round(unwatched[0]))
                    .put("median", round(unwatched[steps / 2]));
        }
        json.put("patchesPerSecond", round(batch / median * 1000));
        print(json);
    }

    /** A folder of spectrograms of 30 s, and the batches that a training with the default settings cuts from them. */
    private static final class Stored implements AutoCloseable {
        private static final int TRACKS = 256;
        private static final int FRAMES = 1875;

        private final Path folder = Files.createTempDirectory(TemporaryFolder.ofProcess(), "bench-");
        private final PatchFeed feed;
        private PatchFeed.Batches epoch;
        private int number = 1;
        private int step;

        Stored(PatchShape shape, int batch) throws IOException {
            FeatureCache cache = new FeatureCache(folder, MelSpec.defaults());
            Random random = new Random(2);
            List<Example> tracks = new ArrayList<>();
            for (int track = 0; track < TRACKS; track++) {
                float[] values = new float[FRAMES * shape.bands()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = 2 + 0.5f * (float) random.nextGaussian();
                }
                String name = "%064x".formatted(track);
                cache.put(name, new Spectrogram(values, FRAMES, shape.bands()));
                float[] labels = new float[TARGETS];
                Arrays.fill(labels, random.nextFloat());
                tracks.add(new Example(name, cache.open(name), labels));
            }
            double[] mean = new double[shape.bands()];
            double[] std = new double[shape.bands()];
            Arrays.fill(mean, 2);
            Arrays.fill(std, 0.5);
            feed = new PatchFeed(
                    tracks,
                    TrainSpec.defaults().resolved(batch, MelSpec.defaults()),
                    PatchSpec.defaults(),
                    new BandNormalizer(mean, std),
                    Gain.of(MelSpec.defaults()),
                    1);
            epoch = feed.epoch(number, 0);
        }

        Batch next() {
            if (step == epoch.steps()) {
                epoch = feed.epoch(++number, 0);
                step = 0;
            }
            step++;
            return epoch.next();
        }

        @Override
        public void close() {
            feed.close();
            TemporaryFolder.remove(folder);
        }
    }

    private void front() throws IOException, InterruptedException {
        List<Path> files;
        try (Stream<Path> found = Files.list(Home.demoCorpus().resolve("audio"))) {
            files = found.sorted().toList();
        }
        measureFront("decode", files, false);
        measureFront("decode+extract", files, true);
    }

    private void measureFront(String what, List<Path> files, boolean extract) throws IOException, InterruptedException {
        MelSpec features = MelSpec.defaults();
        TrackTask<Path, Double> task = () -> {
            Decoder decoder = Decoder.standard();
            FeatureExtractor extractor = features.open();
            return file -> {
                long[] samples = new long[1];
                try (AudioStream audio = decoder.open(file, features.sampleRate(), Excerpt.WHOLE)) {
                    if (extract) {
                        extractor.feed(audio, frame -> {}, (block, offset, count) -> samples[0] += count);
                    } else {
                        float[] block = new float[1 << 13];
                        for (int count = 0; count >= 0; count = audio.read(block, 0, block.length)) {
                            samples[0] += count;
                        }
                    }
                }
                return samples[0] / (double) features.sampleRate();
            };
        };
        double best = Double.POSITIVE_INFINITY;
        double[] seconds = new double[1];
        try (Workers workers = new Workers(threads)) {
            // The first pass warms the JIT and the file cache up.
            for (int pass = 0; pass < 4; pass++) {
                seconds[0] = 0;
                long begin = System.nanoTime();
                workers.map(files.iterator(), task, duration -> seconds[0] += duration);
                best = Math.min(best, pass == 0 ? Double.POSITIVE_INFINITY : (System.nanoTime() - begin) / 1e9);
            }
        }
        ObjectNode json = JSON.createObjectNode();
        json.put("bench", what);
        json.put("threads", threads);
        json.put("files", files.size());
        json.put("audioSeconds", round(seconds[0]));
        json.put("seconds", round(best));
        json.put("timesRealTime", round(seconds[0] / best));
        print(json);
    }

    private void print(ObjectNode json) {
        spec.commandLine().getOut().println(json);
        spec.commandLine().getOut().flush();
    }

    private static double round(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
