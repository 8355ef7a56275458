package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.number;
import static melgauge.model.diagnosis.measure.Phrases.percent;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import melgauge.features.Loudness;
import melgauge.model.diagnosis.measure.Examination;

/** An input that hardly varies. */
final class ConstantInput implements Rule {
    /** Silence and rests make the same value often, but not nearly everywhere. */
    private static final double MOST_COMMON = 0.95;

    private static final double MOST_STILL_TRACKS = 0.5;

    /** Decibels below a track's loudest value that still hold music; librosa's default is 80. */
    private static final double LEAST_TOP_DB = 20;

    @Override
    public Code code() {
        return Code.INPUT_CONSTANT;
    }

    @Override
    public String subject() {
        return "constant input";
    }

    @Override
    public List<Fault> faults() {
        return List.of(
                Fault.curable(
                        "constant-input",
                        "decibels are cut off so near to each track's loudest value that half precision keeps none",
                        "features.compression=decibel",
                        "features.ref=max",
                        "features.topDb=1e-9"),
                Fault.ofData("silent-input", "every file holds nothing but zeros", Fault.Damage.SILENCE));
    }

    private static double still(Examination.Input input) {
        return input.stillTracks() / (double) input.tracks();
    }

    static boolean isConstant(Evidence evidence) {
        Examination.Input input = evidence.examination().input();
        return still(input) > MOST_STILL_TRACKS || input.commonest() > MOST_COMMON;
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        if (!isConstant(evidence)) {
            return Stream.of();
        }
        Examination.Input input = evidence.examination().input();
        double still = still(input);
        String evident = still > MOST_STILL_TRACKS
                ? format(
                        "In %d of %d training tracks all normalised values are the same.",
                        input.stillTracks(), input.tracks())
                : format("On average %s of a patch's values are one and the same number.", percent(input.commonest()));
        Double topDb = evidence.features().compressed().map(Loudness::topDb).orElse(null);
        String cause;
        String remedy;
        Map<String, JsonNode> change = Map.of();
        if (topDb != null && topDb < LEAST_TOP_DB) {
            cause = format(
                    "features.topDb=%s lifts everything that is more than that below a track's loudest value to one"
                            + " floor, which leaves nothing to hear.",
                    number(topDb));
            remedy = "Set features.topDb to 80.";
            change = settings("features.topDb", 80);
        } else if (evidence.features().framing().excerpt() != null) {
            cause =
                    "The part of the tracks that features.excerpt chooses holds no sound, or they are silent throughout.";
            remedy = "Listen to that part of a few tracks; set features.excerpt to one that holds music, or to"
                    + " {start: 0, duration: null} for all of it. audit.csv has the level of each track.";
            change = settings("features.excerpt", Map.of("start", 0));
        } else {
            cause =
                    "The audio is silent, or what was decoded is not what the files hold: there is nothing to learn from.";
            remedy = "See peakDb and rmsDb in audit.csv, and replace the silent files; no setting cures this.";
        }
        return Stream.of(new Finding(
                Code.INPUT_CONSTANT,
                Severity.ERROR,
                "input",
                still > MOST_STILL_TRACKS ? still : input.commonest(),
                still > MOST_STILL_TRACKS ? MOST_STILL_TRACKS : MOST_COMMON,
                evident + " The limit leaves room for rests and fades, which real music has.",
                cause,
                remedy,
                change));
    }
}
