package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import melgauge.features.NormalizerKind;
import melgauge.model.diagnosis.measure.Examination;

/** An input that is far from the size that weights are drawn for. */
final class UnscaledInput implements Rule {
    private static final double LEAST_RMS = 0.1;

    private static final double MOST_RMS = 10;

    @Override
    public Code code() {
        return Code.INPUT_UNSCALED;
    }

    @Override
    public String subject() {
        return "input on a wrong scale";
    }

    @Override
    public List<Fault> faults() {
        return List.of(Fault.curable(
                "unscaled-input",
                "decibels go into a network without any normalisation",
                "features.compression=decibel",
                "features.normalizer=none",
                "network.batchNorm=false"));
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        Examination.Input input = evidence.examination().input();
        double rms = input.rms();
        if ((rms >= LEAST_RMS && rms <= MOST_RMS) || !Double.isFinite(rms) || input.std() == 0) {
            return Stream.of();
        }
        boolean off = evidence.normalizer() == NormalizerKind.NONE;
        return Stream.of(new Finding(
                Code.INPUT_UNSCALED,
                evidence.blame(),
                off ? "features.normalizer" : "input",
                rms,
                rms > MOST_RMS ? MOST_RMS : LEAST_RMS,
                format(
                        "The network reads values with mean %s and standard deviation %s (root mean square %s), from %d"
                                + " training tracks. Weights that start as He et al. 2015 propose keep the size of their"
                                + " input, so it should be near 1 (LeCun et al., Efficient BackProp, 1998); ten times more"
                                + " or less is the limit.",
                        number(input.mean()), number(input.std()), number(rms), input.tracks()),
                rms > MOST_RMS
                        ? "Outputs of such a network stand at 0 or 1 from the first step on, and gradients are as many"
                                + " times too large as the input is."
                        : "Such an input hardly moves the outputs: the network begins by answering the same to"
                                + " everything, and batch normalisation, which adds 1e-5 to the variance, cannot lift it.",
                off
                        ? "Set features.normalizer to band."
                        : "The normaliser was fitted on other values than these; prepare the corpus again.",
                off ? settings("features.normalizer", "band") : Map.of()));
    }
}
