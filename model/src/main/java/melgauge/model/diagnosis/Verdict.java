package melgauge.model.diagnosis;

import java.util.Locale;

/** What became of a training run. */
public enum Verdict {
    /** It predicts held-out tracks better than their mean does. */
    HEALTHY,
    /** It predicts held-out tracks no better than their mean does, but not the same for all. */
    WEAK,
    /** It predicts about the same for every track. */
    COLLAPSED,
    /** Its loss stopped being a number. */
    DIVERGED;

    /** The word in {@code diagnosis.json}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
