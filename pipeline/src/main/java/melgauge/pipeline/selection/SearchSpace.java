package melgauge.pipeline.selection;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import melgauge.data.UsageException;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * The settings that a search tries: some keys of the run file, each with its values.
 *
 * @param axes in the order in which they were given
 */
public record SearchSpace(List<Axis> axes) {
    private static final int MOST = 999;

    private static final String NUMBER = "([+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d{1,3})?)";
    private static final Pattern RANGE =
            Pattern.compile("\\[\\s*" + NUMBER + "\\s*\\.\\.\\s*" + NUMBER + "\\s*(log|linear)?\\s*]");

    /** One key and what it is given. */
    public sealed interface Axis {
        /** The key, as {@code --set} takes it. */
        String key();

        /** A value at random, as text. */
        String draw(SplittableRandom random);
    }

    /**
     * A key with the values to try.
     *
     * @param values YAML, at least one
     */
    public record Choice(String key, List<String> values) implements Axis {
        public Choice {
            values = List.copyOf(values);
        }

        @Override
        public String draw(SplittableRandom random) {
            return values.get(random.nextInt(values.size()));
        }
    }

    /**
     * A key with a range to draw from.
     *
     * @param low the least value
     * @param high the largest value, above the least
     * @param logarithmic whether equal ratios are equally likely, else equal differences
     * @param whole whether only whole numbers are drawn
     */
    public record Range(String key, double low, double high, boolean logarithmic, boolean whole) implements Axis {
        @Override
        public String draw(SplittableRandom random) {
            double share = random.nextDouble();
            if (whole) {
                // Each whole number has its own stretch, from a half below to a half above.
                double value = between(low - 0.5, high + 0.5, share);
                return Long.toString(Math.max((long) low, Math.min((long) high, Math.round(value))));
            }
            double value = Math.max(low, Math.min(high, between(low, high, share)));
            return String.format(Locale.ROOT, "%.4g", value);
        }

        private double between(double from, double to, double share) {
            return logarithmic
                    ? Math.exp(Math.log(from) + share * (Math.log(to) - Math.log(from)))
                    : from + share * (to - from);
        }
    }

    public SearchSpace {
        axes = List.copyOf(axes);
    }

    /**
     * Reads words such as {@code training.learningRate=0.001,0.003}, {@code network.conv=[8, 16],[16, 32]} or
     * {@code training.learningRate=[1e-4..1e-2]}: values in YAML, or a range, whose ends count. A range is logarithmic if
     * it begins above 0 and its ends differ by a factor of 10 or more, unless {@code log} or {@code linear} stands before
     * the bracket closes; it gives whole numbers if both ends are written without point and exponent.
     *
     * @throws UsageException if a word cannot be read, or names what cannot be searched over
     */
    public static SearchSpace parse(List<String> words) {
        List<Axis> axes = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 1 || equals == word.length() - 1) {
                throw new UsageException("--vary " + word
                        + ": must be KEY=VALUE,VALUE… or KEY=[LOW..HIGH], such as training.learningRate=0.001,0.003");
            }
            String key = word.substring(0, equals).strip();
            check(word, key);
            if (!keys.add(key)) {
                throw new UsageException(
                        "--vary " + word + ": " + key + " is varied twice; give all its values at once");
            }
            String values = word.substring(equals + 1).strip();
            Matcher range = RANGE.matcher(values);
            axes.add(range.matches() ? range(word, key, range) : new Choice(key, values(word, values)));
        }
        return new SearchSpace(axes);
    }

    private static void check(String word, String key) {
        if (key.equals("seed")) {
            throw new UsageException("--vary " + word + ": every combination is trained with --seeds N seeds; the seed"
                    + " is not one of the settings to choose");
        }
        if (key.equals("training.networks") || key.equals("training.holdOut")) {
            throw new UsageException("--vary " + word + ": a sweep trains one network a seed, and " + key
                    + " is about several; set it in the run that you train with what the sweep found");
        }
        if (key.equals("modulationShare")) {
            throw new UsageException(
                    "--vary " + word + ": a sweep ranks networks alone; modulationShare=auto finds the share"
                            + " that suits the validation tracks, and needs no training for it");
        }
        if (key.equals("output") || key.equals("cache")) {
            throw new UsageException("--vary " + word + ": " + key
                    + " changes no result; give it with --set, every combination has a folder of its own in it");
        }
        if (key.equals("corpus") || key.startsWith("corpus.")) {
            throw new UsageException("--vary " + word + ": scores on different tracks or targets cannot be compared;"
                    + " vary keys of features, patch, network and training");
        }
    }

    private static Axis range(String word, String key, Matcher range) {
        double low = Double.parseDouble(range.group(1));
        double high = Double.parseDouble(range.group(2));
        if (!(low < high)) {
            throw new UsageException("--vary " + word + ": a range must begin below its end");
        }
        boolean logarithmic = range.group(3) == null
                ? low > 0 && high / low >= 10
                : range.group(3).equals("log");
        if (logarithmic && !(low > 0)) {
            throw new UsageException("--vary " + word + ": a logarithmic range must begin above 0");
        }
        boolean whole = (range.group(1) + range.group(2)).matches("[+\\-\\d]+");
        return new Range(key, low, high, logarithmic, whole);
    }

    /** The elements of a YAML list without its brackets, each as it is written. */
    private static List<String> values(String word, String text) {
        String list = "[" + text + "]";
        Node node;
        try {
            node = new Yaml(new LoaderOptions()).compose(new StringReader(list));
        } catch (YAMLException e) {
            throw new UsageException("--vary " + word + ": the values are not valid YAML, separated by commas", e);
        }
        int[] points = list.codePoints().toArray();
        Set<String> values = new LinkedHashSet<>();
        if (node instanceof SequenceNode sequence && node.getEndMark().getIndex() == points.length) {
            for (Node value : sequence.getValue()) {
                int begin = value.getStartMark().getIndex();
                int end = value.getEndMark().getIndex();
                values.add(new String(points, begin, end - begin).strip());
            }
        }
        if (values.isEmpty() || values.contains("")) {
            throw new UsageException("--vary " + word + ": must name values, separated by commas");
        }
        return List.copyOf(values);
    }

    /**
     * Every combination of the values, the last key changing first.
     *
     * @return each a list of words for {@code --set}
     * @throws UsageException if there is a range, or there are more than 999
     */
    public List<List<String>> grid() {
        List<List<String>> combinations = List.of(List.of());
        for (Axis axis : axes) {
            if (!(axis instanceof Choice choice)) {
                throw new UsageException("--vary " + axis.key()
                        + "=[LOW..HIGH] is a range, which only --random N can draw from; or list values");
            }
            List<List<String>> longer = new ArrayList<>();
            for (List<String> combination : combinations) {
                for (String value : choice.values()) {
                    List<String> one = new ArrayList<>(combination);
                    one.add(axis.key() + "=" + value);
                    longer.add(one);
                }
            }
            checkCount(longer.size());
            combinations = longer;
        }
        return combinations;
    }

    /**
     * Combinations at random, no two the same; fewer than asked for where the values allow no more.
     *
     * @param count from 1 to 999
     * @return each a list of words for {@code --set}; the first ones of a larger count are those of a smaller one
     */
    public List<List<String>> random(int count, long seed) {
        if (count < 1) {
            throw new UsageException("random=" + count + " must be at least 1");
        }
        checkCount(count);
        SplittableRandom random = new SplittableRandom(seed);
        Set<List<String>> combinations = new LinkedHashSet<>();
        // Where few are left, they are met within so many draws almost surely.
        for (int draw = 0; draw < 50 * count + 1000 && combinations.size() < count; draw++) {
            combinations.add(axes.stream()
                    .map(axis -> axis.key() + "=" + axis.draw(random))
                    .toList());
        }
        return List.copyOf(combinations);
    }

    private static void checkCount(int count) {
        if (count > MOST) {
            throw new UsageException("these are " + count + " combinations or more, a sweep takes at most " + MOST
                    + "; try fewer values, or --random N");
        }
    }
}
