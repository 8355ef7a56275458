package melgauge.features;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * How the energy of a band becomes its value. Immutable.
 *
 * @param compression what is done to each energy
 * @param topDb how far below the track's loudest value decibels may go, above 0; null: no such floor
 * @param ref what 0 dB is; null: 1
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Loudness(
        @JsonProperty("compression") Compression compression,
        @JsonProperty("topDb") @Nullable Double topDb,
        @JsonProperty("ref") @Nullable Reference ref) {

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

    /** What decibels are relative to. */
    public enum Reference {
        /** A value of 1. */
        @JsonProperty("one")
        ONE,
        /** The largest value of the track. */
        @JsonProperty("max")
        MAX
    }

    public Loudness {
        Checks.present("compression", compression, Compression.values());
        Checks.that(topDb == null || (topDb > 0 && Double.isFinite(topDb)), "topDb", topDb, "be above 0 dB");
        Checks.that(
                topDb == null || compression == Compression.DECIBEL,
                "topDb",
                topDb,
                "go with compression=decibel, not " + Checks.word(compression));
        Checks.that(
                ref != Reference.MAX || compression == Compression.DECIBEL,
                "ref",
                "max",
                "go with compression=decibel, not " + Checks.word(compression));
        // What changes no number is not written down, so that equal features have equal identities.
        ref = ref == Reference.ONE ? null : ref;
    }

    /** {@code log10}. */
    public static Loudness defaults() {
        return new Loudness(Compression.LOG10, null, null);
    }

    /** Whether values depend on the loudest one of their track. */
    boolean isRelative() {
        return topDb != null || ref == Reference.MAX;
    }
}
