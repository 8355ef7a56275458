package melgauge.data;

import java.util.Locale;

/** The part of a split that a track belongs to. */
public enum Subset {
    TRAIN,
    VALIDATION,
    TEST;

    /** The word used in manifests, settings and outputs: {@code train}, {@code validation}, {@code test}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The word in front of "tracks" in a sentence: {@code training}, {@code validation}, {@code test}. */
    public String inWords() {
        return this == TRAIN ? "training" : word();
    }
}
