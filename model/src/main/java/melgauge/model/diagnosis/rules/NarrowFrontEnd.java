package melgauge.model.diagnosis.rules;

import static melgauge.model.diagnosis.measure.Phrases.format;
import static melgauge.model.diagnosis.measure.Phrases.percent;
import static melgauge.model.diagnosis.measure.Phrases.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import melgauge.features.FeatureSpec;
import melgauge.features.MelSpec;
import melgauge.model.diagnosis.measure.FrontEnd;

/** A front end that discards most of what varies in the recordings. */
final class NarrowFrontEnd implements Rule {
    /** The default front end passes about nine tenths of what varies in the recordings. */
    private static final double LEAST_VARIATION = 0.5;

    /** Below it even a run that learned something is told. */
    private static final double VERY_LITTLE_VARIATION = 0.25;

    /** Empty filters are common at the low end of many bands; from this share on they are a loss. */
    private static final double MOST_EMPTY = 0.25;

    private static final int FEW_BANDS = 24;

    private static final int DEFAULT_MELS = MelSpec.defaults().nMels();

    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public Code code() {
        return Code.INPUT_NARROW;
    }

    @Override
    public String subject() {
        return "a front end that passes little of the music";
    }

    @Override
    public String unmeasured(Evidence evidence) {
        return evidence.measurements().frontEnd().known() ? "" : "too little audio could be read again";
    }

    @Override
    public Stream<Finding> findings(Evidence evidence) {
        FrontEnd frontEnd = evidence.measurements().frontEnd();
        double limit = evidence.verdict() == Verdict.HEALTHY ? VERY_LITTLE_VARIATION : LEAST_VARIATION;
        if (!frontEnd.known() || !(frontEnd.variationShare() < limit)) {
            return Stream.of();
        }
        FeatureSpec spec = evidence.features();
        FeatureSpec.Range range = spec.range();
        double below = 0;
        double above = 0;
        for (FrontEnd.Band band : frontEnd.bands()) {
            double lost = band.variation() * (1 - FrontEnd.coverage(spec, band));
            if (band.low() < range.low()) {
                below += lost;
            } else if (band.high() > range.high()) {
                above += lost;
            }
        }
        double lost = 1 - frontEnd.variationShare();
        String where;
        String cause;
        Map<String, JsonNode> change;
        if (below + above > lost / 2) {
            boolean bottom = below > above;
            boolean rate = !bottom && range.high() >= spec.sampleRate() / 2.0;
            where = bottom ? "features.fMin" : rate ? "features.sampleRate" : "features.fMax";
            cause = format(
                    "The front end reads %.0f to %.0f Hz: %s of what varies in the recordings lies below, %s above.",
                    range.low(), range.high(), percent(below), percent(above));
            change = bottom
                    ? settings("features.fMin", spec.lowestUseful())
                    : rate
                            ? settings("features.sampleRate", 16000, "features.fMax", 8000)
                            : settings("features.fMax", Math.min(8000, spec.sampleRate() / 2));
        } else if (frontEnd.emptyFilters() > MOST_EMPTY * frontEnd.filters()) {
            where = "features.nFft";
            cause = format(
                    "%d of the %d filters lie between two bins of a transform of %d samples and are 0 in every frame.",
                    frontEnd.emptyFilters(), frontEnd.filters(), spec.frameLength());
            int longer = Math.max(1024, 2 * spec.frameLength());
            change = spec.frameLength() < 1024 || frontEnd.filters() <= DEFAULT_MELS
                    ? settings("features.nFft", longer, "features.winLength", longer)
                    : settings("features.nMels", DEFAULT_MELS);
        } else {
            int bands = spec.bands();
            boolean few = bands < FEW_BANDS;
            where = spec instanceof MelSpec && !few
                    ? "features"
                    : spec.resolution()
                            .map(resolution -> "features." + resolution.key())
                            .orElse("features.kind");
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
    static Map<String, JsonNode> wider(FeatureSpec spec) {
        Optional<FeatureSpec.Resolution> few = spec.resolution().filter(one -> one.value() < one.enough());
        if (few.isPresent()) {
            return settings("features." + few.get().key(), few.get().usual());
        }
        return spec instanceof MelSpec ? defaults(spec) : settings("features.kind", "mel");
    }

    /** The settings whose values differ from the defaults, with these. */
    private static Map<String, JsonNode> defaults(FeatureSpec spec) {
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
