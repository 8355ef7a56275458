package melgauge.pipeline;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import melgauge.data.AuditCsv;
import melgauge.data.AuditRow;
import melgauge.features.CacheFolder;
import melgauge.pipeline.stages.Stages;

/** A small corpus of synthesised tracks in a folder, and what its runs say. */
public final class Corpus {
    private static final int RATE = 8000;

    private final Path folder;
    private final List<String> manifest = new ArrayList<>(List.of("path,group,split,v"));
    private final List<String> said = new ArrayList<>();

    public Corpus(Path folder) throws IOException {
        this.folder = folder;
        Files.writeString(folder.resolve("run.yaml"), """
                corpus: {manifest: labels.csv}
                features: {sampleRate: 8000, nFft: 256, winLength: 256, hopLength: 64, nMels: 24, fMax: 4000}
                patch: {frames: 64}
                network: {conv: [2], dense: [2]}
                decoding: {isolate: false}
                workers: 2
                cache: cache
                output: out
                """);
    }

    /** Notes of random pitch and loudness, five a second. */
    public static float[] music(double seconds, long seed) {
        Random random = new Random(seed);
        float[] samples = new float[(int) Math.round(seconds * RATE)];
        double[] hertz = new double[4];
        double[] level = new double[4];
        for (int i = 0; i < samples.length; i++) {
            if (i % (RATE / 5) == 0) {
                for (int voice = 0; voice < hertz.length; voice++) {
                    hertz[voice] = 100 * Math.pow(2, 5 * random.nextDouble());
                    level[voice] = 0.2 * random.nextDouble();
                }
            }
            for (int voice = 0; voice < hertz.length; voice++) {
                samples[i] += (float) (level[voice] * Math.sin(2 * Math.PI * hertz[voice] * i / RATE));
            }
        }
        return samples;
    }

    /** The same samples with the other sign. */
    public static float[] inverted(float[] samples) {
        float[] inverted = samples.clone();
        for (int i = 0; i < inverted.length; i++) {
            inverted[i] = -inverted[i];
        }
        return inverted;
    }

    /** Writes 16-bit PCM of one channel. */
    public static Path wav(Path file, float[] samples, int sampleRate) throws IOException {
        return wav(file, sampleRate, samples);
    }

    /** Writes 16-bit PCM. */
    public static Path wav(Path file, int sampleRate, float[]... channels) throws IOException {
        int length = channels[0].length;
        ByteBuffer bytes = ByteBuffer.allocate(2 * channels.length * length).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < length; i++) {
            for (float[] channel : channels) {
                bytes.putShort((short) Math.rint(32767 * Math.max(-1, Math.min(1, channel[i]))));
            }
        }
        AudioFormat format = new AudioFormat(sampleRate, 16, channels.length, true, false);
        AudioSystem.write(
                new AudioInputStream(new ByteArrayInputStream(bytes.array()), format, length),
                AudioFileFormat.Type.WAVE,
                file.toFile());
        return file;
    }

    /** Adds a track of three seconds. */
    public Path add(String name, String side, long seed) throws IOException {
        list(name, side);
        return wav(folder.resolve(name), music(3, seed), RATE);
    }

    /** Adds a row for a file that is there. */
    public void list(String name, String side) {
        manifest.add(name + "," + name + "," + side + "," + (manifest.size() % 2 == 0 ? 0.25 : 0.75));
    }

    /** Writes the manifest; returns the settings of a run. */
    public Path runFile() throws IOException {
        Files.write(folder.resolve("labels.csv"), manifest);
        return folder.resolve("run.yaml");
    }

    /** Adds a track of three seconds with a group and labels of its own, whose loudness tells the label. */
    public Path add(String name, String group, String side, double label, long seed) throws IOException {
        manifest.add(name + "," + group + "," + side + "," + label);
        float[] samples = music(3, seed);
        for (int i = 0; i < samples.length; i++) {
            samples[i] *= (float) (0.05 + label);
        }
        return wav(folder.resolve(name), samples, RATE);
    }

    /** Prepares the corpus; returns what was said. */
    public String prepare(boolean verify, String... sets) throws IOException, InterruptedException {
        Path file = runFile();
        said.clear();
        Monitor monitor = new ListeningMonitor(said);
        Run run = new Run(RunFile.read(file, List.of(sets)), monitor, Continuation.ASK);
        new Pipeline(Stages.prepare(verify)).run(run);
        return String.join("\n", said);
    }

    /** The row of a track in the audit. */
    public AuditRow audit(String name) throws IOException {
        return AuditCsv.read(folder.resolve("out/audit.csv")).stream()
                .filter(row -> row.path().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The folder of the cache. */
    public Path cache() {
        return folder.resolve("cache");
    }

    /** The only spectrogram of a track in the cache. */
    public Path entry(String name) throws IOException {
        String sha256 = audit(name).sha256();
        try (Stream<CacheFolder.Item> items = new CacheFolder(cache()).items().stream()) {
            return items.filter(item -> item.sha256().equals(sha256))
                    .map(CacheFolder.Item::file)
                    .reduce((a, b) -> {
                        throw new IllegalStateException(a + " and " + b);
                    })
                    .orElseThrow();
        }
    }

    /** Changes the last byte of a file and nothing that the file system would tell. */
    public static void changeUnnoticed(Path file) throws IOException {
        var modified = Files.getLastModifiedTime(file);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 0x11;
        Files.write(file, bytes, StandardOpenOption.WRITE); // in place: the inode stays
        Files.setLastModifiedTime(file, modified);
    }
}
