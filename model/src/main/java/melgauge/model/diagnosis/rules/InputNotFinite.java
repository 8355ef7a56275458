package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.percent;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import melgauge.model.diagnosis.measure.Examination;

/** Input values that are NaN or infinite, or so large that sums overflow. */
final class InputNotFinite implements Rule {
    @Override
    public Code code() {
        return Code.NOT_FINITE;
    }

    @Override
    public String subject() {
        return "input that is not finite";
    }

    @Override
    public List<Fault> faults() {
        return List.of(new Fault(
                "not-finite",
                "some files hold samples of 1e11 times full scale, and nothing compresses or normalises them",
                Set.of(),
                true,
                List.of("features.compression=none", "features.storage=float32", "features.normalizer=none"),
                Fault.Damage.ABSURD_SAMPLES));
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        Examination.Input input = evidence.examination().input();
        boolean overflows = evidence.log().diverged() && input.largest() > Examination.Input.LARGEST;
        if (input.notFinite() == 0 && !overflows) {
            return Stream.of();
        }
        return Stream.of(new Finding(
                Code.NOT_FINITE,
                Severity.ERROR,
                "input",
                input.notFinite() > 0 ? input.notFinite() : input.largest(),
                input.notFinite() > 0 ? 0 : Examination.Input.LARGEST,
                input.notFinite() > 0
                        ? format(
                                "%s of the normalised values of %d training tracks are no number, for example in %s.",
                                percent(input.notFinite()), input.tracks(), String.join(", ", input.notFiniteTracks()))
                        : format(
                                "The largest of the normalised values of %d training tracks is %s; for example %s hold such"
                                        + " values. Single precision ends at 3.4e38, which a few layers and a square reach"
                                        + " from there. The loss stopped being a number.",
                                input.tracks(), number(input.largest()), String.join(", ", input.notFiniteTracks())),
                "One value that is no number makes every weight that it reaches no number in a single step.",
                "Run melgauge prepare --verify, which makes damaged spectrograms anew; leave tracks that stay so out of the"
                        + " manifest. Where values are not compressed, set features.compression to log10.",
                evidence.features().isUncompressed() ? settings("features.compression", "log10") : Map.of()));
    }
}
