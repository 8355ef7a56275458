package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import melgauge.data.Scale;
import melgauge.data.Words;
import melgauge.model.diagnosis.measure.Examination;

/** Labels that fill a small part of their scale. */
final class NarrowLabels implements Rule {
    /** Labels that are spread evenly over a scale have 0.29; those of listening studies 0.1 to 0.25. */
    private static final double NARROW_STD = 0.02;

    @Override
    public Code code() {
        return Code.TARGET_NARROW;
    }

    @Override
    public String subject() {
        return "labels that fill a small part of their scale";
    }

    @Override
    public List<Fault> faults() {
        return List.of(Fault.curable(
                "wrong-scale",
                "labels from 0 to 1 are declared to be from 0 to 100",
                "corpus.scale={density: [0, 100], register: [0, 100], percussion: [0, 100], polyphony: [0, 100],"
                        + " majorness: [0, 100]}"));
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        List<Integer> found = IntStream.range(0, evidence.targets().size())
                .filter(t -> isNarrow(evidence.examination().labels().get(t)))
                .boxed()
                .toList();
        if (found.isEmpty()) {
            return Stream.of();
        }
        Map<String, JsonNode> scales = new LinkedHashMap<>();
        List<String> each = new ArrayList<>();
        List<String> remedies = new ArrayList<>();
        for (int t : found) {
            Examination.Labels labels = evidence.examination().labels().get(t);
            Scale scale = evidence.targets().get(t).scale();
            double low = scale.fromUnit(labels.least());
            double high = scale.fromUnit(labels.most());
            double step = Math.pow(10, Math.floor(Math.log10(high - low)));
            low = Math.max(scale.low(), Math.floor(low / step) * step);
            high = Math.min(scale.high(), Math.ceil(high / step) * step);
            List<Double> better = List.of(round(low), round(high));
            each.add(format(
                    "%s lies between %s and %s of its scale [%s, %s], with a standard deviation of %s",
                    labels.target(),
                    number(labels.least()),
                    number(labels.most()),
                    number(scale.low()),
                    number(scale.high()),
                    number(labels.std())));
            remedies.add(labels.target() + ": " + better);
            scales.putAll(settings("corpus.scale." + labels.target(), better));
        }
        return Stream.of(new Finding(
                Code.TARGET_NARROW,
                evidence.blame(),
                Words.some(found.stream()
                        .map(t -> evidence.examination().labels().get(t).target())
                        .toList()),
                found.stream()
                        .mapToDouble(t -> evidence.examination().labels().get(t).std())
                        .min()
                        .orElseThrow(),
                NARROW_STD,
                "As shares of a scale of 0 to 1: " + String.join("; ", each)
                        + ". Labels of listening studies have a standard deviation of 0.1 to 0.25.",
                "The scale is much wider than the labels. They differ by less than the network's predictions waver, and the"
                        + " loss is tiny whatever it predicts.",
                "Set corpus.scale to the range that the labels have: " + String.join(", ", remedies) + ".",
                scales));
    }

    private static boolean isNarrow(Examination.Labels labels) {
        return labels.std() >= ConstantLabels.LEAST_STD && labels.std() < NARROW_STD && !ConstantLabels.isRare(labels);
    }

    private static double round(double value) {
        return Double.parseDouble(format("%.6g", value));
    }
}
