package melgauge.features;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import melgauge.data.Downmix;
import melgauge.data.Excerpt;
import org.jspecify.annotations.Nullable;

/**
 * Settings that every feature reads: which samples a frame is made of, and how frames are stored. Immutable.
 *
 * @param sampleRate of the audio that comes in, Hz, 1 to 768,000
 * @param hopLength samples from one frame to the next, 1 to 1,048,576
 * @param center whether frame {@code t} is centred on sample {@code t·hopLength} (both ends are padded by half a frame) or
 *     begins there
 * @param padMode what stands beyond the ends of the signal where {@code center} asks for it
 * @param power exponent of the magnitude: 1 (magnitude) or 2 (power)
 * @param storage number format in the cache
 * @param excerpt the part of each track that is used; null: all of it
 * @param downmix how a file's channels become one; null: their mean
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Framing(
        @JsonProperty("sampleRate") int sampleRate,
        @JsonProperty("hopLength") int hopLength,
        @JsonProperty("center") boolean center,
        @JsonProperty("padMode") PadMode padMode,
        @JsonProperty("power") double power,
        @JsonProperty("storage") Storage storage,
        @JsonProperty("excerpt") @Nullable Excerpt excerpt,
        @JsonProperty("downmix") @Nullable Downmix downmix) {

    /** What a centred frame reads beyond the ends of the signal. */
    public enum PadMode {
        /** Zeros. */
        @JsonProperty("constant")
        CONSTANT,
        /** The signal mirrored at its end samples, which are not repeated; as often as needed, as NumPy does. */
        @JsonProperty("reflect")
        REFLECT
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

    /** The fastest that audio is recorded at; a file's samples are made so many, whatever it has. */
    private static final int MAX_RATE = 768_000;

    public Framing {
        Checks.that(sampleRate >= 1, "sampleRate", sampleRate, "be at least 1 Hz");
        Checks.that(sampleRate <= MAX_RATE, "sampleRate", sampleRate, "be at most " + MAX_RATE + " Hz");
        Checks.that(hopLength >= 1, "hopLength", hopLength, "be at least 1");
        Checks.that(hopLength <= StftSpec.MAX_FFT, "hopLength", hopLength, "be at most " + StftSpec.MAX_FFT);
        Checks.present("padMode", padMode, PadMode.values());
        Checks.that(power == 1 || power == 2, "power", power, "be 1 (magnitude) or 2 (power)");
        Checks.present("storage", storage, Storage.values());
        // What changes no number is not written down, so that equal features have equal identities.
        excerpt = excerpt != null && excerpt.coversAll() ? null : excerpt;
        downmix = downmix == Downmix.MEAN ? null : downmix;
    }

    /** 16 kHz, frames every 256 samples, centred, powers, stored as float16. */
    public static Framing defaults() {
        return new Framing(16000, 256, true, PadMode.CONSTANT, 2.0, Storage.FLOAT16, null, null);
    }
}
