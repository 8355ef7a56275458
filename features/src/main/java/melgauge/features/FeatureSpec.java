package melgauge.features;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import melgauge.data.AudioException;
import melgauge.data.Downmix;
import melgauge.data.Excerpt;
import melgauge.data.Failure;
import melgauge.data.FileDigest;
import melgauge.data.UsageException;

/**
 * Every setting that changes a number of a feature. Equal specs give equal bytes, and {@link #id} is how a cache entry or
 * a model names the spec it was made with.
 *
 * <p>Each kind has a record of its own, with the settings that it reads; records that several kinds share are laid out
 * flat, so that a spec is one block of keys, {@code kind} first. A constructor refuses a bad setting with a
 * {@link UsageException} that starts {@code name=value must}. Jackson reads and writes a spec; enum constants appear as
 * lower-case words. A key of another kind says nothing and is passed over, since one run file may serve several kinds.
 * Immutable.
 */
@JsonSerialize(using = FeatureSpecJson.Writer.class)
@JsonDeserialize(using = FeatureSpecJson.Reader.class)
public sealed interface FeatureSpec permits MelSpec, MfccSpec, ConstantQSpec, ChromaSpec, OnsetSpec {
    /** The features that {@code features.kind} chooses from. */
    enum Kind {
        /** Log-mel spectrogram. */
        @JsonProperty("mel")
        MEL(MelSpec.class),
        /** Cepstrum of the log-mel spectrogram. */
        @JsonProperty("mfcc")
        MFCC(MfccSpec.class),
        /** Constant-Q transform. */
        @JsonProperty("constantq")
        CONSTANTQ(ConstantQSpec.class),
        /** Pitch classes. */
        @JsonProperty("chroma")
        CHROMA(ChromaSpec.class),
        /** How much the log-mel spectrogram rises. */
        @JsonProperty("onset")
        ONSET(OnsetSpec.class);

        private final Class<? extends FeatureSpec> type;

        Kind(Class<? extends FeatureSpec> type) {
            this.type = type;
        }

        /** The record of its settings. */
        public Class<? extends FeatureSpec> type() {
            return type;
        }
    }

    /** Lowest and highest frequency that a feature reads, Hz. */
    record Range(double low, double high) {}

    /**
     * The setting that says how many numbers a frame has.
     *
     * @param key its name
     * @param value what it is
     * @param enough a smaller value leaves little of the music
     * @param usual what suits most music
     */
    record Resolution(String key, int value, int enough, int usual) {}

    /** Which feature. */
    Kind kind();

    /** Which samples a frame is made of. */
    Framing framing();

    /** Builds the extractor with its tables. */
    FeatureExtractor open();

    /** Bands per frame of the extractor, without building its tables. */
    int bands();

    /** Samples of a frame. */
    int frameLength();

    /** How energies become values; empty if values are not made of energies one by one. */
    default Optional<Loudness> compressed() {
        return Optional.empty();
    }

    /** The mel spectrogram that it is, or is computed from. */
    default Optional<MelSpec> mel() {
        return Optional.empty();
    }

    /** The frequencies it reads. */
    default Range range() {
        return new Range(0, sampleRate() / 2.0);
    }

    /** The lowest {@code fMin} that is of use, Hz. */
    default double lowestUseful() {
        return 0;
    }

    /** The setting that says how many numbers a frame has; empty if there is none. */
    default Optional<Resolution> resolution() {
        return Optional.empty();
    }

    /** Whether bands are neighbouring ranges of frequency, so that music in another key is shifted along them. */
    default boolean hasFrequencyBands() {
        return false;
    }

    /** Whether louder audio makes values larger by a rule that {@link Gain} knows. */
    default boolean tellsLoudness() {
        return hasFrequencyBands() && !isRelativeToLoudest();
    }

    /** Whether 0 dB is the loudest value of the track. */
    default boolean isRelativeToLoudest() {
        return compressed()
                .map(loudness -> loudness.ref() == Loudness.Reference.MAX)
                .orElse(false);
    }

    /** Whether values are energies as they are, which span more than half precision does. */
    default boolean isUncompressed() {
        return compressed()
                .map(loudness -> loudness.compression() == Loudness.Compression.NONE)
                .orElse(false);
    }

    /** What values hold, as far as it matters for a mean. */
    default Fingerprint.Values values() {
        return compressed().isEmpty() || isUncompressed() ? Fingerprint.Values.POWERS : Fingerprint.Values.OTHER;
    }

    /** Keys that it does not read but that its identity has, with their values: so did the first models and caches. */
    default Map<String, Object> unread() {
        return Map.of();
    }

    /** Sampling rate of the audio that comes in, Hz. */
    default int sampleRate() {
        return framing().sampleRate();
    }

    /** Samples from one frame to the next. */
    default int hopLength() {
        return framing().hopLength();
    }

    /** Whether frame {@code t} is centred on sample {@code t·hopLength}. */
    default boolean center() {
        return framing().center();
    }

    /** What stands beyond the ends of the signal where {@code center} asks for it. */
    default Framing.PadMode padMode() {
        return framing().padMode();
    }

    /** Exponent of the magnitude. */
    default double power() {
        return framing().power();
    }

    /** Number format in the cache. */
    default Framing.Storage storage() {
        return framing().storage();
    }

    /** The part of each track that is used. */
    default Excerpt part() {
        Excerpt excerpt = framing().excerpt();
        return excerpt == null ? Excerpt.WHOLE : excerpt;
    }

    /** How a file's channels become one. */
    default Downmix mixing() {
        Downmix downmix = framing().downmix();
        return downmix == null ? Downmix.MEAN : downmix;
    }

    /** The failure of a track that has no frame. */
    default AudioException tooShort() {
        return new AudioException(
                Failure.Code.TOO_SHORT,
                "is too short for a single frame of "
                        + (FeatureSpecJson.keys(kind().type()).contains("nFft") ? "features.nFft=" : "")
                        + frameLength() + " samples");
    }

    /**
     * Frames of a signal of {@code samples} samples: {@code 1 + (padded − length)/hopLength}, where {@code padded} counts
     * the padding that {@code center} adds, and {@code length} is {@link #frameLength}; 0 if not one frame fits or there is
     * no sample.
     *
     * @throws IllegalArgumentException if {@code samples} is negative
     * @throws ArithmeticException if there are more than 2³¹ − 1 frames
     */
    default int frames(long samples) {
        if (samples < 0) {
            throw new IllegalArgumentException("samples=" + samples + " must be at least 0");
        }
        int length = frameLength();
        long padded = center() ? samples + 2L * (length / 2) : samples;
        return samples == 0 || padded < length ? 0 : Math.toIntExact(1 + (padded - length) / hopLength());
    }

    /** One line of JSON with the keys in a fixed order: the same text for equal specs, on every JDK. */
    default String canonicalJson() {
        return FeatureSpecJson.canonical(this);
    }

    /** SHA-256 of {@link #canonicalJson} in UTF-8, as 64 lower-case hexadecimal digits. */
    default String id() {
        return FileDigest.of(canonicalJson().getBytes(StandardCharsets.UTF_8));
    }

    /** The settings that differ, each like {@code hopLength 256 against 512} (this against other); empty if equal. */
    default List<String> differences(FeatureSpec other) {
        ObjectNode mine = FeatureSpecJson.tree(this);
        ObjectNode theirs = FeatureSpecJson.tree(other);
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

    private static String word(JsonNode setting) {
        return setting.isMissingNode() ? "unset" : setting.isContainerNode() ? setting.toString() : setting.asText();
    }

    /** Refuses a range of frequencies that the sampling rate does not have. */
    static void checkRange(double fMin, double fMax, int sampleRate) {
        Checks.that(fMin >= 0 && Double.isFinite(fMin), "fMin", fMin, "be at least 0 Hz");
        Checks.that(fMax > fMin, "fMax", fMax, "be above fMin=" + fMin + " Hz");
        Checks.that(
                fMax <= sampleRate / 2.0, "fMax", fMax, "be at most half of sampleRate, " + sampleRate / 2.0 + " Hz");
    }

    /** Refuses a number of bands in an octave that no feature can have. */
    static void checkPartsOfAnOctave(String name, int parts) {
        Checks.that(parts >= 1 && parts <= 96, name, parts, "lie between 1 and 96");
    }
}
