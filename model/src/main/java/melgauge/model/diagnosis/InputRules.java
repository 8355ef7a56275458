package melgauge.model.diagnosis;

import static melgauge.model.diagnosis.Words.format;
import static melgauge.model.diagnosis.Words.number;
import static melgauge.model.diagnosis.Words.percent;
import static melgauge.model.diagnosis.Words.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import melgauge.features.FeatureKind;
import melgauge.features.MelSpec;
import melgauge.features.NormalizerKind;

/** What can be wrong with what the network reads. */
final class InputRules {
    /** Silence and rests make the same value often, but not nearly everywhere. */
    private static final double MOST_COMMON = 0.95;

    private static final double MOST_STILL_TRACKS = 0.5;
    private static final double LEAST_RMS = 0.1;
    private static final double MOST_RMS = 10;

    /** Decibels below a track's loudest value that still hold music; librosa's default is 80. */
    private static final double LEAST_TOP_DB = 20;

    /** The default front end passes about nine tenths of what varies in the recordings. */
    private static final double LEAST_VARIATION = 0.5;

    /** Below it even a run that learned something is told. */
    private static final double VERY_LITTLE_VARIATION = 0.25;

    /** Empty filters are common at the low end of many bands; from this share on they are a loss. */
    private static final double MOST_EMPTY = 0.25;

    private static final int FEW_BANDS = 24;

    private static final int DEFAULT_MELS = MelSpec.defaults().nMels();
    private static final int DEFAULT_MFCC = 20;
    private static final int DEFAULT_BINS = 12;
    private static final ObjectMapper JSON = new ObjectMapper();

    private InputRules() {}

    static Stream<Finding> notFinite(Evidence evidence) {
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
                evidence.features().compression() == MelSpec.Compression.NONE
                                && evidence.features().kind().compresses()
                        ? settings("features.compression", "log10")
                        : Map.of()));
    }

    private static double still(Examination.Input input) {
        return input.stillTracks() / (double) input.tracks();
    }

    static boolean isConstant(Evidence evidence) {
        Examination.Input input = evidence.examination().input();
        return still(input) > MOST_STILL_TRACKS || input.commonest() > MOST_COMMON;
    }

    static Stream<Finding> constant(Evidence evidence) {
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
        Double topDb = evidence.features().topDb();
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
        } else if (evidence.features().excerpt() != null) {
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

    static Stream<Finding> unscaled(Evidence evidence) {
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

    static Stream<Finding> passesLittle(Evidence evidence) {
        FrontEnd frontEnd = evidence.measurements().frontEnd();
        double limit = evidence.verdict() == Verdict.HEALTHY ? VERY_LITTLE_VARIATION : LEAST_VARIATION;
        if (!frontEnd.known() || !(frontEnd.variationShare() < limit)) {
            return Stream.of();
        }
        MelSpec spec = evidence.features();
        double[] range = FrontEnd.range(spec);
        double below = 0;
        double above = 0;
        for (FrontEnd.Band band : frontEnd.bands()) {
            double lost = band.variation() * (1 - FrontEnd.coverage(spec, band));
            if (band.low() < range[0]) {
                below += lost;
            } else if (band.high() > range[1]) {
                above += lost;
            }
        }
        double lost = 1 - frontEnd.variationShare();
        String where;
        String cause;
        Map<String, JsonNode> change;
        if (below + above > lost / 2) {
            boolean bottom = below > above;
            boolean rate = !bottom && range[1] >= spec.sampleRate() / 2.0;
            where = bottom ? "features.fMin" : rate ? "features.sampleRate" : "features.fMax";
            cause = format(
                    "The front end reads %.0f to %.0f Hz: %s of what varies in the recordings lies below, %s above.",
                    range[0], range[1], percent(below), percent(above));
            change = bottom
                    ? settings("features.fMin", spec.kind() == FeatureKind.CONSTANTQ ? 32.7 : 0)
                    : rate
                            ? settings("features.sampleRate", 16000, "features.fMax", 8000)
                            : settings("features.fMax", Math.min(8000, spec.sampleRate() / 2));
        } else if (frontEnd.emptyFilters() > MOST_EMPTY * frontEnd.filters()) {
            where = "features.nFft";
            cause = format(
                    "%d of the %d filters lie between two bins of a transform of %d samples and are 0 in every frame.",
                    frontEnd.emptyFilters(), frontEnd.filters(), spec.nFft());
            int longer = Math.max(1024, 2 * spec.nFft());
            change = spec.nFft() < 1024 || spec.nMels() <= DEFAULT_MELS
                    ? settings("features.nFft", longer, "features.winLength", longer)
                    : settings("features.nMels", DEFAULT_MELS);
        } else {
            int bands = spec.kind().bands(spec);
            boolean few = bands < FEW_BANDS;
            where = switch (spec.kind()) {
                case MEL -> few ? "features.nMels" : "features";
                case MFCC -> "features.nMfcc";
                case CONSTANTQ -> "features.binsPerOctave";
                default -> "features.kind";
            };
            cause = few
                    ? format("The front end leaves %d number%s of each frame.", bands, bands == 1 ? "" : "s")
                    : "The settings of features leave little of what varies while the music plays.";
            change = wider(spec);
        }
        return Stream.of(new Finding(
                Code.INPUT_NARROW,
                evidence.blame(),
                where,
                frontEnd.variationShare(),
                limit,
                format(
                        "Of what varies over time in %d training tracks, in 64 bands up to 16 kHz, %s can be told from what the"
                                + " network reads; the default front end passes about 90 %%. Of their energy %s lies in the"
                                + " range of the front end.",
                        frontEnd.tracks(), percent(frontEnd.variationShare()), percent(frontEnd.energyShare())),
                cause,
                change.isEmpty()
                        ? "No setting of features explains it: listen to the recordings, which may hold little but noise."
                        : "Set "
                                + String.join(
                                        " and ",
                                        change.entrySet().stream()
                                                .map(one -> one.getKey() + " to "
                                                        + one.getValue().asText())
                                                .toList())
                                + ".",
                change));
    }

    /** What passes more than the settings do: more numbers of a frame, or else what differs from the defaults. */
    static Map<String, JsonNode> wider(MelSpec spec) {
        return switch (spec.kind()) {
            case MEL -> spec.nMels() < FEW_BANDS ? settings("features.nMels", DEFAULT_MELS) : defaults(spec);
            case MFCC -> spec.kind().bands(spec) < DEFAULT_MFCC ? settings("features.nMfcc", DEFAULT_MFCC) : toMel();
            case CONSTANTQ -> {
                Integer bins = spec.binsPerOctave();
                yield bins != null && bins < DEFAULT_BINS ? settings("features.binsPerOctave", DEFAULT_BINS) : toMel();
            }
            default -> toMel();
        };
    }

    private static Map<String, JsonNode> toMel() {
        return settings("features.kind", "mel");
    }

    /** The settings whose values differ from the defaults, with these. */
    private static Map<String, JsonNode> defaults(MelSpec spec) {
        Map<String, JsonNode> changes = new LinkedHashMap<>();
        JsonNode own = JSON.valueToTree(spec);
        JSON.<JsonNode>valueToTree(MelSpec.defaults()).properties().forEach(setting -> {
            if (!setting.getValue().equals(own.get(setting.getKey()))) {
                changes.put("features." + setting.getKey(), setting.getValue());
            }
        });
        return changes;
    }
}
