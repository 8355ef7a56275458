package melgauge.features;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import melgauge.data.AudioException;
import melgauge.data.Downmix;
import melgauge.data.Excerpt;
import melgauge.data.Failure;
import melgauge.data.FileDigest;
import melgauge.data.UsageException;
import org.jspecify.annotations.Nullable;

/**
 * Every setting that changes a number of a spectrogram. Names and meanings are librosa's. Equal specs give equal bytes,
 * and {@link #id} is how a cache entry or a model names the spec it was made with.
 *
 * <p>The constructor refuses a bad setting with a {@link UsageException} that starts {@code name=value must}. Immutable.
 * Jackson reads and writes the record; the enum constants appear as lower-case words.
 *
 * <p>A kind reads some of the settings only ({@link FeatureKind} says which); the others must be valid all the same, and
 * are part of the identity.
 *
 * @param kind which feature
 * @param sampleRate of the audio that comes in, Hz, 1 to 768,000
 * @param nFft samples per transform, 2 to 1,048,576; powers of two are fastest
 * @param winLength samples under the window, 1 to {@code nFft}; a shorter window stands in the middle of the frame
 * @param hopLength samples from one frame to the next, 1 to 1,048,576
 * @param window the taper
 * @param center whether frame {@code t} is centred on sample {@code t·hopLength} (both ends are padded by
 *     {@code nFft/2}) or begins there
 * @param padMode what stands beyond the ends of the signal where {@code center} asks for it
 * @param nMels bands, 1 to 4096
 * @param fMin lower edge of the lowest band, Hz, at least 0; with kind {@code constantq} its centre, above 0 and high
 *     enough for kernels of at most 1,048,576 samples
 * @param fMax upper edge of the highest band, Hz, above {@code fMin}, at most half of {@code sampleRate}; with kind
 *     {@code constantq} no centre is higher
 * @param melScale how band edges are spaced
 * @param norm how band weights are scaled
 * @param power exponent of the magnitude: 1 (magnitude) or 2 (power)
 * @param compression what follows the filter bank; kind {@code chroma} has none, and puts {@code none} here
 * @param storage number format in the cache
 * @param topDb how far below the track's loudest value decibels may go, above 0; null: no such floor
 * @param ref what 0 dB is; null: 1
 * @param nMfcc coefficients of kind {@code mfcc}, 1 to {@code nMels}, 20 if null is passed; null with other kinds
 * @param binsPerOctave of kind {@code constantq}, 1 to 96, 12 if null is passed; null with other kinds
 * @param nChroma pitch classes of kind {@code chroma}, 1 to 96, 12 if null is passed; null with other kinds
 * @param excerpt the part of each track that is used; null: all of it
 * @param downmix how a file's channels become one; null: their mean
 */
@JsonPropertyOrder({
    "kind",
    "sampleRate",
    "nFft",
    "winLength",
    "hopLength",
    "window",
    "center",
    "padMode",
    "nMels",
    "fMin",
    "fMax",
    "melScale",
    "norm",
    "power",
    "compression",
    "storage",
    "topDb",
    "ref",
    "nMfcc",
    "binsPerOctave",
    "nChroma",
    "excerpt",
    "downmix"
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MelSpec(
        @JsonProperty("kind") FeatureKind kind,
        @JsonProperty("sampleRate") int sampleRate,
        @JsonProperty("nFft") int nFft,
        @JsonProperty("winLength") int winLength,
        @JsonProperty("hopLength") int hopLength,
        @JsonProperty("window") Window window,
        @JsonProperty("center") boolean center,
        @JsonProperty("padMode") PadMode padMode,
        @JsonProperty("nMels") int nMels,
        @JsonProperty("fMin") double fMin,
        @JsonProperty("fMax") double fMax,
        @JsonProperty("melScale") MelScale melScale,
        @JsonProperty("norm") MelNorm norm,
        @JsonProperty("power") double power,
        @JsonProperty("compression") Compression compression,
        @JsonProperty("storage") Storage storage,
        @JsonProperty("topDb") @Nullable Double topDb,
        @JsonProperty("ref") @Nullable Reference ref,
        @JsonProperty("nMfcc") @Nullable Integer nMfcc,
        @JsonProperty("binsPerOctave") @Nullable Integer binsPerOctave,
        @JsonProperty("nChroma") @Nullable Integer nChroma,
        @JsonProperty("excerpt") @Nullable Excerpt excerpt,
        @JsonProperty("downmix") @Nullable Downmix downmix) {

    /** Taper of a frame. */
    public enum Window {
        /** Periodic Hann, {@code 0.5 − 0.5·cos(2πn/winLength)}. */
        @JsonProperty("hann")
        HANN
    }

    /** What a centred frame reads beyond the ends of the signal. */
    public enum PadMode {
        /** Zeros. */
        @JsonProperty("constant")
        CONSTANT,
        /** The signal mirrored at its end samples, which are not repeated; as often as needed, as NumPy does. */
        @JsonProperty("reflect")
        REFLECT
    }

    /** Spacing of the bands. */
    public enum MelScale {
        /** Slaney's Auditory Toolbox: linear below 1 kHz, logarithmic above. */
        @JsonProperty("slaney")
        SLANEY,
        /** The HTK Book: {@code 2595·log10(1 + f/700)}. */
        @JsonProperty("htk")
        HTK
    }

    /** Scaling of a band's weights. */
    public enum MelNorm {
        /** Each triangle has unit area over frequency in Hz: its peak is {@code 2/(upper − lower edge)}. */
        @JsonProperty("slaney")
        SLANEY,
        /** Each triangle peaks at 1. */
        @JsonProperty("none")
        NONE
    }

    /** Compression of a band's energy {@code p}. */
    public enum Compression {
        /** {@code log10(1 + 10000·p)}: never negative, 0 for silence. */
        @JsonProperty("log10")
        LOG10,
        /** {@code 10·log10(max(p, 1e-10))}, in dB: −100 for silence. */
        @JsonProperty("decibel")
        DECIBEL,
        /** {@code p} itself. */
        @JsonProperty("none")
        NONE
    }

    /** Number format of cache entries. */
    public enum Storage {
        /** IEEE binary16: 11 significant bits, at most 65,504. */
        @JsonProperty("float16")
        FLOAT16(2, "<f2"),
        /** IEEE binary32. */
        @JsonProperty("float32")
        FLOAT32(4, "<f4");

        private final int bytes;
        private final String descr;

        Storage(int bytes, String descr) {
            this.bytes = bytes;
            this.descr = descr;
        }

        /** Bytes per value. */
        public int bytes() {
            return bytes;
        }

        /** NumPy's name of the type, little-endian. */
        public String descr() {
            return descr;
        }
    }

    /** What decibels are relative to. */
    public enum Reference {
        /** A value of 1. */
        @JsonProperty("one")
        ONE,
        /** The largest value of the track. */
        @JsonProperty("max")
        MAX
    }

    /** The fastest that audio is recorded at; a file's samples are made so many, whatever it has. */
    private static final int MAX_RATE = 768_000;

    private static final int MAX_FFT = 1 << 20;
    private static final int MAX_MELS = 4096;
    private static final int MAX_PARTS_OF_AN_OCTAVE = 96;
    private static final String PARTS_OF_AN_OCTAVE = "lie between 1 and " + MAX_PARTS_OF_AN_OCTAVE;
    private static final int DEFAULT_MFCC = 20;
    private static final int SEMITONES = 12;

    /** Double.toString gives other digits on JDK 17 than on 19 and later; Jackson's own writer gives the same on all. */
    private static final ObjectMapper CANONICAL = new ObjectMapper(JsonFactory.builder()
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build());

    public MelSpec {
        present("kind", kind, FeatureKind.values());
        check(sampleRate >= 1, "sampleRate", sampleRate, "be at least 1 Hz");
        check(sampleRate <= MAX_RATE, "sampleRate", sampleRate, "be at most " + MAX_RATE + " Hz");
        check(nFft >= 2 && nFft <= MAX_FFT, "nFft", nFft, "lie between 2 and " + MAX_FFT);
        check(winLength >= 1, "winLength", winLength, "be at least 1");
        check(winLength <= nFft, "winLength", winLength, "be at most nFft=" + nFft);
        check(hopLength >= 1, "hopLength", hopLength, "be at least 1");
        check(hopLength <= MAX_FFT, "hopLength", hopLength, "be at most " + MAX_FFT);
        present("window", window, Window.values());
        present("padMode", padMode, PadMode.values());
        check(nMels >= 1 && nMels <= MAX_MELS, "nMels", nMels, "lie between 1 and " + MAX_MELS);
        check(fMin >= 0 && Double.isFinite(fMin), "fMin", fMin, "be at least 0 Hz");
        check(fMax > fMin, "fMax", fMax, "be above fMin=" + fMin + " Hz");
        check(fMax <= sampleRate / 2.0, "fMax", fMax, "be at most half of sampleRate, " + sampleRate / 2.0 + " Hz");
        present("melScale", melScale, MelScale.values());
        present("norm", norm, MelNorm.values());
        check(power == 1 || power == 2, "power", power, "be 1 (magnitude) or 2 (power)");
        present("compression", compression, Compression.values());
        present("storage", storage, Storage.values());
        if (!kind.compresses()) {
            check(topDb == null, "topDb", topDb, "be left away with kind=" + word(kind) + ", which has no decibels");
            check(
                    ref != Reference.MAX,
                    "ref",
                    "max",
                    "be left away with kind=" + word(kind) + ", which has no decibels");
            compression = Compression.NONE;
        }
        check(topDb == null || (topDb > 0 && Double.isFinite(topDb)), "topDb", topDb, "be above 0 dB");
        check(
                topDb == null || compression == Compression.DECIBEL,
                "topDb",
                topDb,
                "go with compression=decibel, not " + word(compression));
        check(
                ref != Reference.MAX || compression == Compression.DECIBEL,
                "ref",
                "max",
                "go with compression=decibel, not " + word(compression));
        // What changes no number is not written down, so that equal features have equal identities.
        ref = ref == Reference.ONE ? null : ref;
        nMfcc = kind != FeatureKind.MFCC ? null : nMfcc == null ? (Integer) DEFAULT_MFCC : nMfcc;
        binsPerOctave =
                kind != FeatureKind.CONSTANTQ ? null : binsPerOctave == null ? (Integer) SEMITONES : binsPerOctave;
        nChroma = kind != FeatureKind.CHROMA ? null : nChroma == null ? (Integer) SEMITONES : nChroma;
        check(nMfcc == null || (nMfcc >= 1 && nMfcc <= nMels), "nMfcc", nMfcc, "lie between 1 and nMels=" + nMels);
        check(isPartOfAnOctave(binsPerOctave), "binsPerOctave", binsPerOctave, PARTS_OF_AN_OCTAVE);
        check(isPartOfAnOctave(nChroma), "nChroma", nChroma, PARTS_OF_AN_OCTAVE);
        if (binsPerOctave != null) {
            check(fMin > 0, "fMin", fMin, "be above 0 Hz with kind=constantq; 32.7 is the note C1");
            double lowest = ConstantQ.qualityFactor(binsPerOctave) * sampleRate / MAX_FFT;
            check(
                    fMin >= lowest,
                    "fMin",
                    fMin,
                    "be at least " + lowest + " Hz with binsPerOctave=" + binsPerOctave + " and sampleRate="
                            + sampleRate + ", where its kernel has " + MAX_FFT
                            + " samples; raise it or lower binsPerOctave");
        }
        excerpt = excerpt != null && excerpt.coversAll() ? null : excerpt;
        downmix = downmix == Downmix.MEAN ? null : downmix;
        // -0.0 passes as 0 but would print differently and so change the identity.
        fMin += 0.0;
    }

    /** 16 kHz, 1024-sample Hann frames every 256 samples, 96 Slaney bands from 0 to 8 kHz, log10, stored as float16. */
    public static MelSpec defaults() {
        return new MelSpec(
                FeatureKind.MEL,
                16000,
                1024,
                1024,
                256,
                Window.HANN,
                true,
                PadMode.CONSTANT,
                96,
                0,
                8000,
                MelScale.SLANEY,
                MelNorm.SLANEY,
                2.0,
                Compression.LOG10,
                Storage.FLOAT16,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private static boolean isPartOfAnOctave(@Nullable Integer parts) {
        return parts == null || (parts >= 1 && parts <= MAX_PARTS_OF_AN_OCTAVE);
    }

    /** Whether values depend on the loudest one of their track. */
    boolean isRelative() {
        return topDb != null || ref == Reference.MAX;
    }

    /** {@code nMfcc} where the kind has it. */
    int mfccCount() {
        return Objects.requireNonNull(nMfcc, "kind is not mfcc");
    }

    /** {@code binsPerOctave} where the kind has it. */
    int octaveBins() {
        return Objects.requireNonNull(binsPerOctave, "kind is not constantq");
    }

    /** {@code nChroma} where the kind has it. */
    int chromaCount() {
        return Objects.requireNonNull(nChroma, "kind is not chroma");
    }

    /** The part of each track that is used. */
    public Excerpt part() {
        return excerpt == null ? Excerpt.WHOLE : excerpt;
    }

    /** The failure of a track that has no frame. */
    public AudioException tooShort() {
        return new AudioException(
                Failure.Code.TOO_SHORT, "is too short for a single frame of features.nFft=" + nFft + " samples");
    }

    /** How a file's channels become one. */
    public Downmix mixing() {
        return downmix == null ? Downmix.MEAN : downmix;
    }

    /**
     * Frames of a signal of {@code samples} samples: {@code 1 + (padded − length)/hopLength}, where {@code padded} counts
     * the padding that {@code center} adds, and {@code length} is {@code nFft} ({@code constantq}: its own); 0 if not one
     * frame fits or there is no sample.
     *
     * @throws IllegalArgumentException if {@code samples} is negative
     * @throws ArithmeticException if there are more than 2³¹ − 1 frames
     */
    public int frames(long samples) {
        if (samples < 0) {
            throw new IllegalArgumentException("samples=" + samples + " must be at least 0");
        }
        int length = kind.frameLength(this);
        long padded = center ? samples + 2L * (length / 2) : samples;
        return samples == 0 || padded < length ? 0 : Math.toIntExact(1 + (padded - length) / hopLength);
    }

    /** One line of JSON with the keys in the order of the components: the same text for equal specs, on every JDK. */
    public String canonicalJson() {
        try {
            return CANONICAL.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a mel spec cannot be written as JSON", e);
        }
    }

    /** SHA-256 of {@link #canonicalJson} in UTF-8, as 64 lower-case hexadecimal digits. */
    public String id() {
        return FileDigest.of(canonicalJson().getBytes(StandardCharsets.UTF_8));
    }

    /** The settings that differ, each like {@code hopLength 256 against 512} (this against other); empty if equal. */
    public List<String> differences(MelSpec other) {
        ObjectNode mine = CANONICAL.valueToTree(this);
        ObjectNode theirs = CANONICAL.valueToTree(other);
        Set<String> names = new LinkedHashSet<>();
        mine.fieldNames().forEachRemaining(names::add);
        theirs.fieldNames().forEachRemaining(names::add);
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            if (!mine.path(name).equals(theirs.path(name))) {
                differences.add(name + " " + word(mine.path(name)) + " against " + word(theirs.path(name)));
            }
        }
        return List.copyOf(differences);
    }

    private static void check(boolean holds, String name, @Nullable Object value, String rule) {
        if (!holds) {
            throw new UsageException(name + "=" + value + " must " + rule);
        }
    }

    private static String word(JsonNode setting) {
        return setting.isMissingNode() ? "unset" : setting.isContainerNode() ? setting.toString() : setting.asText();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Jackson passes null for a missing key, whatever the annotations say. */
    private static void present(String name, @Nullable Object value, Enum<?>[] choices) {
        if (value == null) {
            List<String> words = new ArrayList<>();
            for (Enum<?> choice : choices) {
                words.add(word(choice));
            }
            throw new UsageException(name + "=null must be " + String.join(" or ", words));
        }
    }
}
