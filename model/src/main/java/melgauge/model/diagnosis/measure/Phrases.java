package melgauge.model.diagnosis.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** How findings are put: numbers in words, and settings. */
public final class Phrases {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Phrases() {}

    /** As {@link String#format}, in no language. */
    public static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    /** With as many digits as say something. */
    public static String number(double value) {
        if (Double.isNaN(value)) {
            return "undefined";
        }
        double size = Math.abs(value);
        return size == 0
                ? "0"
                : size >= 1000 || size < 0.001
                        ? format("%.1e", value)
                        : size < 0.1 ? format("%.4f", value) : format("%.2f", value);
    }

    /** With three decimals. */
    public static String decimals(double value) {
        return Double.isNaN(value) ? "undefined" : format("%.3f", value);
    }

    /** R² or a correlation. */
    public static String score(double value) {
        return Double.isNaN(value) ? "undefined" : format("%.2f", value);
    }

    /** A value as one would write it in a run file. */
    public static String setting(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    /** A share in percent, with as many digits as say something. */
    public static String percent(double share) {
        if (!Double.isFinite(share)) {
            return "an undefined share";
        }
        return format(share != 0 && share < 0.001 ? "%.4f %%" : share < 0.1 ? "%.2f %%" : "%.0f %%", 100 * share);
    }

    /** Keys and values in turn. */
    public static Map<String, JsonNode> settings(Object... keysAndValues) {
        Map<String, JsonNode> settings = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put((String) keysAndValues[i], JSON.valueToTree(keysAndValues[i + 1]));
        }
        return settings;
    }

    /** With a capital letter. */
    public static String capital(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
