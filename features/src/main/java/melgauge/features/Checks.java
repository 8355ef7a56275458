package melgauge.features;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import melgauge.data.UsageException;
import org.jspecify.annotations.Nullable;

/** Checks of settings, whose messages start {@code name=value must}. */
final class Checks {
    private Checks() {}

    static void that(boolean holds, String name, @Nullable Object value, String rule) {
        if (!holds) {
            throw new UsageException(name + "=" + value + " must " + rule);
        }
    }

    /** Jackson passes null for a missing key, whatever the annotations say. */
    static void present(String name, @Nullable Object value, Enum<?>[] choices) {
        if (value == null) {
            List<String> words = new ArrayList<>();
            for (Enum<?> choice : choices) {
                words.add(word(choice));
            }
            throw new UsageException(name + "=null must be " + String.join(" or ", words));
        }
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
