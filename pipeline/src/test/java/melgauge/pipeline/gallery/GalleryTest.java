package melgauge.pipeline.gallery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import melgauge.data.AudioStream;
import melgauge.data.Decoder;
import melgauge.data.Excerpt;
import melgauge.data.Manifest;
import melgauge.data.Track;
import melgauge.data.UsageException;
import melgauge.features.FeatureCache;
import melgauge.features.FeatureExtractor;
import melgauge.features.StoredSpectrogram;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.RunSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each exhibit does to the data of the corpus that comes with Melgauge; nothing is trained here. */
class GalleryTest {
    private static final Path DEMO = Path.of("../data/demo").toAbsolutePath().normalize();

    @TempDir
    Path work;

    private Gallery gallery() {
        return new Gallery(DEMO, work, List.of(), Monitor.SILENT);
    }

    private static Manifest demo() {
        return Manifest.read(DEMO.resolve("labels.csv"), DEMO, List.of(), Map.of());
    }

    /** The manifest of an exhibit, as a run reads it. */
    private Manifest corpus(String name, long seed) throws IOException {
        Gallery gallery = gallery();
        gallery.write(Exhibit.named(name), seed);
        return gallery.spec(Exhibit.named(name), seed).corpus().read();
    }

    private static List<List<Double>> labels(Manifest manifest) {
        return manifest.tracks().stream().map(Track::targets).toList();
    }

    private static void assertSameTracks(Manifest one, Manifest other) {
        assertThat(one.targets()).isEqualTo(other.targets());
        assertThat(one.tracks().stream().map(Track::file))
                .isEqualTo(other.tracks().stream().map(Track::file).toList());
        assertThat(one.tracks().stream().map(Track::group))
                .isEqualTo(other.tracks().stream().map(Track::group).toList());
    }

    @Test
    void aHealthyRunHasTheCorpusAsItIs() throws IOException {
        assertThat(corpus("healthy-base", 1).tracks()).isEqualTo(demo().tracks());
    }

    @Test
    void shuffledLabelsAreTheSameRowsElsewhere() throws IOException {
        Manifest shuffled = corpus("shuffled-labels", 3);
        assertSameTracks(shuffled, demo());
        assertThat(labels(shuffled)).containsExactlyInAnyOrderElementsOf(labels(demo()));
        assertThat(atHome(shuffled)).isLessThan(10);
        assertThat(labels(corpus("shuffled-labels", 4))).isNotEqualTo(labels(shuffled));
        assertThat(labels(corpus("shuffled-labels", 3))).isEqualTo(labels(shuffled));
    }

    /** How many tracks have their own labels. */
    private static long atHome(Manifest manifest) {
        List<List<Double>> now = labels(manifest);
        List<List<Double>> before = labels(demo());
        return IntStream.range(0, now.size())
                .filter(i -> now.get(i).equals(before.get(i)))
                .count();
    }

    @Test
    void shiftedLabelsStandFiveRowsBelowTheirTracks() throws IOException {
        Map<Path, Track> home = new HashMap<>();
        demo().tracks().forEach(track -> home.put(track.file(), track));
        List<Track> shifted = corpus("shifted-labels", 1).tracks();
        assertThat(shifted).hasSize(home.size());
        assertThat(shifted.stream().map(Track::file).distinct()).hasSize(home.size());
        int ofAnotherGroup = 0;
        for (int i = 0; i < shifted.size(); i++) {
            Track track = shifted.get(i);
            Track owner = Objects.requireNonNull(
                    home.get(shifted.get(Math.floorMod(i - 5, shifted.size())).file()));
            assertThat(track.group())
                    .isEqualTo(Objects.requireNonNull(home.get(track.file())).group());
            assertThat(track.targets()).isEqualTo(owner.targets());
            ofAnotherGroup += track.group().equals(owner.group()) ? 0 : 1;
        }
        assertThat(ofAnotherGroup).isGreaterThan(shifted.size() - 10);
    }

    @Test
    void randomLabelsKnowNothingOfTheTracks() throws IOException {
        Manifest random = corpus("random-labels", 1);
        assertSameTracks(random, demo());
        for (int target = 0; target < random.targets().size(); target++) {
            // Of 506 independent pairs, r has a standard deviation of 0.044.
            assertThat(Math.abs(correlation(column(random, target), column(demo(), target))))
                    .isLessThan(0.2);
        }
        assertThat(new HashSet<>(labels(random))).hasSameSizeAs(labels(random));
    }

    private static double[] column(Manifest manifest, int target) {
        return manifest.tracks().stream()
                .mapToDouble(track -> track.targets().get(target))
                .toArray();
    }

    private static double correlation(double[] x, double[] y) {
        double meanX =
                IntStream.range(0, x.length).mapToDouble(i -> x[i]).average().orElseThrow();
        double meanY =
                IntStream.range(0, y.length).mapToDouble(i -> y[i]).average().orElseThrow();
        double xx = 0;
        double yy = 0;
        double xy = 0;
        for (int i = 0; i < x.length; i++) {
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
            xy += (x[i] - meanX) * (y[i] - meanY);
        }
        return xy / Math.sqrt(xx * yy);
    }

    @Test
    void oneTargetIsConstantAndTheOthersAreAsTheyWere() throws IOException {
        Manifest constant = corpus("constant-target", 1);
        assertSameTracks(constant, demo());
        assertThat(column(constant, 0)).containsOnly(0.5);
        for (int target = 1; target < constant.targets().size(); target++) {
            assertThat(column(constant, target)).isEqualTo(column(demo(), target));
        }
    }

    @Test
    void aWrongScaleLeavesAHundredthOfTheRange() throws IOException {
        Manifest narrow = corpus("wrong-scale", 1);
        assertThat(narrow.targets()).isEqualTo(demo().targets());
        for (int target = 0; target < narrow.targets().size(); target++) {
            double[] all = column(demo(), target);
            assertThat(column(narrow, target)).hasSameSizeAs(all);
            for (int i = 0; i < all.length; i++) {
                assertThat(column(narrow, target)[i]).isEqualTo(all[i] / 100);
            }
        }
    }

    @Test
    void silentFilesHoldNothingButZerosAndKeepTheirLabels() throws IOException {
        Manifest silent = corpus("silent-input", 1);
        assertThat(labels(silent)).isEqualTo(labels(demo()));
        Set<Path> files = new HashSet<>();
        for (Track track : silent.tracks()) {
            files.add(track.file());
            assertThat(track.file()).isRegularFile().startsWithRaw(work);
        }
        assertThat(files).hasSameSizeAs(silent.tracks());
        float[] samples = decode(silent.tracks().get(77).file());
        assertThat(samples).hasSize(24000).containsOnly(0f);
    }

    @Test
    void absurdFilesAreDecodedAsTheyAre() throws IOException {
        Manifest corpus = corpus("not-finite", 1);
        assertThat(labels(corpus)).isEqualTo(labels(demo()));
        List<Path> absurd = corpus.tracks().stream()
                .map(Track::file)
                .filter(file -> file.startsWith(work))
                .toList();
        assertThat(absurd).isNotEmpty().hasSizeLessThan(corpus.tracks().size() / 4);
        double loudest = 0;
        for (float sample : decode(absurd.get(0))) {
            loudest = Math.max(loudest, Math.abs(sample));
        }
        assertThat(loudest).isBetween(0.9e11, 1.1e11);
    }

    @Test
    void whatIsWrittenAgainIsNotTouched() throws IOException {
        Path file = corpus("not-finite", 1).tracks().get(0).file();
        Object before = Files.readAttributes(file, "unix:ino,lastModifiedTime");
        assertThat(corpus("not-finite", 2).tracks().get(0).file()).isEqualTo(file);
        assertThat(Files.readAttributes(file, "unix:ino,lastModifiedTime")).isEqualTo(before);
    }

    private static float[] decode(Path file) throws IOException {
        float[] all = new float[1 << 20];
        int length = 0;
        try (AudioStream audio = Decoder.standard().open(file, 16000, Excerpt.WHOLE)) {
            for (int count = 0; count >= 0; count = audio.read(all, length, 1 << 12)) {
                length += count;
            }
        }
        return Arrays.copyOf(all, length);
    }

    @Test
    void constantInputIsConstantInTheCache() throws IOException {
        RunSpec spec = gallery().spec(Exhibit.named("constant-input"), 1);
        FeatureExtractor extractor = spec.features().open();
        FeatureCache cache = new FeatureCache(work, spec.features());
        String name = "0".repeat(64);
        Path clip = demo().tracks().get(7).file();
        try (AudioStream audio = Decoder.standard().open(clip, spec.features().sampleRate(), Excerpt.WHOLE)) {
            cache.put(name, extractor.extract(audio, (block, offset, count) -> {}));
        }
        try (StoredSpectrogram stored = cache.read(name)) {
            float[] frame = new float[stored.bands()];
            for (int t = 0; t < stored.frames(); t++) {
                stored.read(t, 1, frame, 0);
                assertThat(frame).containsOnly(0f);
            }
        }
    }

    @Test
    void everyExhibitButTheBaseDiffersFromItInSettingsOrData() throws IOException {
        Gallery gallery = gallery();
        RunSpec base = gallery.spec(Exhibit.named("healthy-base"), 1);
        List<String> names = new ArrayList<>();
        for (Exhibit exhibit : Exhibit.ALL) {
            RunSpec spec = gallery.spec(exhibit, 1);
            boolean sameSettings =
                    spec.toString().replace(exhibit.name(), "healthy-base").equals(base.toString());
            boolean sameData = corpus(exhibit.name(), 1).tracks().equals(demo().tracks());
            assertThat(sameSettings && sameData)
                    .as(exhibit.name())
                    .isEqualTo(exhibit.name().equals("healthy-base"));
            assertThat(exhibit.name()).matches("[a-z0-9-]+");
            assertThat(exhibit.isHealthy()).isEqualTo(exhibit.name().startsWith("healthy-"));
            names.add(exhibit.name());
        }
        assertThat(names).doesNotHaveDuplicates();
        assertThat(Exhibit.ALL.stream().filter(Exhibit::isHealthy)).hasSizeGreaterThanOrEqualTo(10);
    }

    @Test
    void allShareOneCacheAndEachHasAFolderOfItsOwn() {
        RunSpec spec = gallery().spec(Exhibit.named("dead-relu"), 3);
        assertThat(spec.cache()).isEqualTo(work.resolve("cache"));
        assertThat(spec.output()).isEqualTo(work.resolve("dead-relu/seed-3/run"));
        assertThat(spec.corpus().manifest()).isEqualTo(work.resolve("dead-relu/seed-3/labels.csv"));
        assertThat(spec.corpus().audio()).isEqualTo(DEMO);
    }

    @Test
    void settingsOfTheGalleryStandUnderThoseOfAnExhibit() {
        Gallery gallery =
                new Gallery(DEMO, work, List.of("training.epochs=7", "training.learningRate=0.01"), Monitor.SILENT);
        RunSpec spec = gallery.spec(Exhibit.named("one-epoch"), 5);
        assertThat(spec.training().epochs()).isEqualTo(1);
        assertThat(spec.training().learningRate()).isEqualTo(0.01);
        assertThat(spec.seed()).isEqualTo(5);
    }

    @Test
    void aNameThatIsNotThereGetsAHint() {
        assertThatThrownBy(() -> Exhibit.named("dead-rely"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("there is no fault dead-rely (did you mean dead-relu?)");
    }
}
