package melgauge.features;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.Serializable;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import melgauge.data.UsageException;
import org.jspecify.annotations.Nullable;

/**
 * Every setting that changes a number of a mel spectrogram. The words and their meaning are librosa's; equal specs give
 * equal bytes on every machine. Jackson reads and writes it as an object with all of these keys, none optional.
 *
 * @param kind which feature; a mel spectrogram so far
 * @param sampleRate of the audio, 1 to 768,000 Hz
 * @param nFft samples per Fourier transform, even, 16 to 65,536; powers of two are fastest
 * @param winLength samples under the window, 1 to nFft; the window lies in the middle of the nFft samples
 * @param hopLength samples from one frame to the next, at least 1
 * @param window the window's shape
 * @param center whether frame t is centred on sample t·hopLength, the audio being padded by nFft/2 on both sides; if
 *     not, frame t starts at that sample and a rest shorter than nFft is left out
 * @param padMode what the audio is padded with where {@code center} is true
 * @param nMels bands per frame, 1 to nFft/2+1
 * @param fMin lower edge of the lowest band in Hz, at least 0
 * @param fMax upper edge of the highest band in Hz, above fMin and at most sampleRate/2
 * @param melScale where the bands lie
 * @param norm how the bands are weighted
 * @param power exponent of the magnitude spectrum, 1 (magnitude) or 2 (power)
 * @param compression what is done to the bands last
 * @param storage how the feature cache stores numbers
 */
public record MelSpec(
        @JsonProperty(required = true) FeatureKind kind,
        @JsonProperty(required = true) int sampleRate,
        @JsonProperty(required = true) int nFft,
        @JsonProperty(required = true) int winLength,
        @JsonProperty(required = true) int hopLength,
        @JsonProperty(required = true) Window window,
        @JsonProperty(required = true) boolean center,
        @JsonProperty(required = true) PadMode padMode,
        @JsonProperty(required = true) int nMels,
        @JsonProperty(required = true) double fMin,
        @JsonProperty(required = true) double fMax,
        @JsonProperty(required = true) MelScale melScale,
        @JsonProperty(required = true) MelNorm norm,
        @JsonProperty(required = true) double power,
        @JsonProperty(required = true) Compression compression,
        @JsonProperty(required = true) Storage storage)
        implements Serializable {

    /** A window's shape. */
    public enum Window {
        /** Periodic Hann: w[i] = 0.5 − 0.5·cos(2πi / winLength). */
        @JsonProperty("hann")
        HANN
    }

    /** What stands before the first and after the last sample. */
    public enum PadMode {
        /** Zeros. */
        @JsonProperty("constant")
        CONSTANT,
        /** The audio mirrored at its first and last sample, again and again where it is shorter than the padding. */
        @JsonProperty("reflect")
        REFLECT
    }

    /** A scale on which the bands' edges are equally spaced. */
    public enum MelScale {
        /** Slaney's Auditory Toolbox (1998): linear up to 1 kHz, 15 mel; above, 27 mel for every factor of 6.4. */
        @JsonProperty("slaney")
        SLANEY,
        /** The HTK book: 2595·log10(1 + f/700). */
        @JsonProperty("htk")
        HTK
    }

    /** How a band's triangle is weighted. */
    public enum MelNorm {
        /** The triangle's area is 1 Hz: its peak is 2 / width in Hz. */
        @JsonProperty("slaney")
        SLANEY,
        /** The triangle's peak is 1. */
        @JsonProperty("none")
        NONE
    }

    /** The last step, applied to each band value p. */
    public enum Compression {
        /** log10(1 + 10000·p): 0 for silence, about the logarithm for music. */
        @JsonProperty("log10")
        LOG10,
        /** 10·log10(max(p, 1e-10)), in dB for power 2. */
        @JsonProperty("decibel")
        DECIBEL,
        /** p itself. */
        @JsonProperty("none")
        NONE
    }

    /** The number format of stored spectrograms; both are little-endian IEEE 754. */
    public enum Storage {
        /** Half precision: 11 bits of mantissa, magnitudes of 6e-8 to 65,504. */
        @JsonProperty("float16")
        FLOAT16,
        /** Single precision. */
        @JsonProperty("float32")
        FLOAT32;

        /** Bytes per number. */
        public int bytes() {
            return this == FLOAT16 ? 2 : 4;
        }
    }

    /** @throws UsageException naming the value, its limit and the remedy */
    public MelSpec {
        present("kind", kind);
        between("sampleRate", sampleRate, 1, 768_000, "give it in Hz");
        between("nFft", nFft, 16, 65_536, "1024 suits music at 16,000 Hz");
        check(nFft % 2 == 0, "nFft", nFft, "be even; powers of two are fastest");
        between("winLength", winLength, 1, nFft, "nFft=" + nFft + " limits it; usually both are equal");
        check(hopLength >= 1, "hopLength", hopLength, "be at least 1; a quarter of nFft is usual");
        present("window", window);
        present("padMode", padMode);
        between(
                "nMels",
                nMels,
                1,
                nFft / 2 + 1,
                "there are no more frequency bins than that with nFft=" + nFft + "; take a larger nFft or fewer bands");
        fMin += 0.0; // −0 becomes 0: equal specs must have equal identities
        check(
                Double.isFinite(fMin) && fMin >= 0,
                "fMin",
                number(fMin),
                "be at least 0 Hz; 0 includes the lowest notes");
        check(
                fMax > fMin && fMax <= sampleRate / 2.0,
                "fMax",
                number(fMax),
                "be above fMin=" + number(fMin) + " and at most half of sampleRate=" + sampleRate
                        + "; lower it or raise sampleRate");
        present("melScale", melScale);
        present("norm", norm);
        check(power == 1 || power == 2, "power", number(power), "be 1 (magnitude) or 2 (power); 2 is usual");
        present("compression", compression);
        present("storage", storage);
    }

    /** Log-mel of 16 kHz audio: 96 bands up to 8 kHz, 62.5 frames a second. */
    public static MelSpec defaults() {
        return new MelSpec(
                FeatureKind.MEL,
                16_000,
                1024,
                1024,
                256,
                Window.HANN,
                true,
                PadMode.CONSTANT,
                96,
                0,
                8_000,
                MelScale.SLANEY,
                MelNorm.SLANEY,
                2.0,
                Compression.LOG10,
                Storage.FLOAT16);
    }

    /**
     * The number of frames of so many samples; 0 where there are no samples, centred or not, and where there are fewer
     * than nFft uncentred ones.
     *
     * @throws IllegalArgumentException if the samples are negative, or the frames more than an int counts
     */
    public int frames(long samples) {
        if (samples < 0) {
            throw new IllegalArgumentException("samples=" + samples + " must be at least 0");
        }
        long lastStart = center ? samples : samples - nFft;
        if (samples == 0 || lastStart < 0) {
            return 0;
        }
        long frames = 1 + lastStart / hopLength;
        if (frames > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(samples + " samples make " + frames + " frames, more than "
                    + Integer.MAX_VALUE + "; cut the audio or raise hopLength=" + hopLength);
        }
        return (int) frames;
    }

    /**
     * This spec as JSON without blanks, keys in the order of the components, numbers in plain decimal notation without
     * superfluous zeros. The text of a spec never changes between releases: {@link #id()} is made of it.
     */
    public String canonicalJson() {
        StringJoiner json = new StringJoiner(",", "{", "}");
        fields().forEach((name, value) -> json.add('"' + name + "\":" + value));
        return json.toString();
    }

    /** SHA-256 of {@link #canonicalJson()} in lower-case hexadecimal: the spec's identity. */
    public String id() {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(canonicalJson().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** The settings that differ, such as {@code hopLength 256 against 512}; the other spec's value comes last. */
    public List<String> differences(MelSpec other) {
        Map<String, String> others = other.fields();
        List<String> differences = new ArrayList<>();
        fields().forEach((name, value) -> {
            String otherValue = String.valueOf(others.get(name));
            if (!value.equals(otherValue)) {
                differences.add(name + " " + value.replace("\"", "") + " against " + otherValue.replace("\"", ""));
            }
        });
        return List.copyOf(differences);
    }

    /** Name and JSON value of each component, in order. */
    private Map<String, String> fields() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("kind", word(kind));
        fields.put("sampleRate", Integer.toString(sampleRate));
        fields.put("nFft", Integer.toString(nFft));
        fields.put("winLength", Integer.toString(winLength));
        fields.put("hopLength", Integer.toString(hopLength));
        fields.put("window", word(window));
        fields.put("center", Boolean.toString(center));
        fields.put("padMode", word(padMode));
        fields.put("nMels", Integer.toString(nMels));
        fields.put("fMin", number(fMin));
        fields.put("fMax", number(fMax));
        fields.put("melScale", word(melScale));
        fields.put("norm", word(norm));
        fields.put("power", number(power));
        fields.put("compression", word(compression));
        fields.put("storage", word(storage));
        return fields;
    }

    private static String word(Enum<?> constant) {
        return '"' + constant.name().toLowerCase(Locale.ROOT) + '"';
    }

    /** The exact decimal value: Double.toString prints some numbers differently from JDK 19 on. */
    private static String number(double value) {
        return Double.isFinite(value)
                ? new BigDecimal(value).stripTrailingZeros().toPlainString()
                : Double.toString(value);
    }

    private static void present(String name, @Nullable Object value) {
        check(value != null, name, value, "be given; see the documentation of the features block for its words");
    }

    private static void between(String name, int value, int low, int high, String remedy) {
        check(low <= value && value <= high, name, value, "be between " + low + " and " + high + "; " + remedy);
    }

    private static void check(boolean valid, String name, @Nullable Object value, String demand) {
        if (!valid) {
            throw new UsageException(name + "=" + value + " must " + demand);
        }
    }
}
