package melgauge.model.diagnosis.measure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import melgauge.features.FeatureSpec;
import melgauge.features.FrameSource;
import melgauge.features.MelFilterBank;
import melgauge.features.MelSpec;
import melgauge.features.Spectrogram;
import melgauge.model.regression.Ridge;

/**
 * How much of the recordings passes the front end, measured on some training tracks. Their audio is read again with a
 * {@linkplain #reference reference spectrogram} of 64 mel bands up to 16 kHz, and each of its bands, as a logarithm, is
 * predicted by ridge regression from the features that the network reads at the same time. Both are taken without their
 * means over the track: what counts is what changes while the music plays. A front end that passes everything lets the
 * reference be predicted well, whatever its own bands are; one that passes a few bands, or a range without music, does not.
 *
 * @param tracks that were read; 0 if the rest is unknown
 * @param energyShare the share of the recordings' energy in the range of the front end, 0 to 1
 * @param variationShare the share of the variation over time that can be predicted from the features, 0 to 1
 * @param bands of the reference
 * @param filters of the front end
 * @param emptyFilters of these, how many are 0 in every frame
 */
public record FrontEnd(
        int tracks, double energyShare, double variationShare, List<Band> bands, int filters, int emptyFilters) {
    /** Nothing was measured. */
    public static final FrontEnd UNKNOWN = new FrontEnd(0, Double.NaN, Double.NaN, List.of(), 0, 0);

    private static final int SAMPLE_RATE = 32_000;
    private static final int HOP = 1024;
    private static final int BANDS = 64;

    /** Bands this far below a track's mean band, as a power, count as silent. */
    private static final double FLOOR = 1e-4;

    /** Frames for each number of the regression, so that it cannot learn them by heart. */
    private static final int FRAMES_PER_FEATURE = 10;

    private static final int MOST_FRAMES_OF_A_TRACK = 1000;

    /** Of each track; more would only take time. */
    private static final double MOST_SECONDS = 60;

    private static final double[] PENALTIES = {1, 10, 100};
    private static final ObjectMapper JSON = new ObjectMapper();

    public FrontEnd {
        bands = List.copyOf(bands);
    }

    /**
     * A band of the reference.
     *
     * @param low lower edge in Hz
     * @param high upper edge in Hz
     * @param energy its share of the recordings' energy
     * @param variation its share of the variation over time
     * @param passed the share of its variation that can be predicted from the features
     */
    public record Band(double low, double high, double energy, double variation, double passed) {}

    /**
     * A track as both front ends give it.
     *
     * @param features frames of the run's own features, not normalised
     * @param reference frames of {@link #reference}
     */
    public record Track(FrameSource features, Spectrogram reference) {}

    /** Whether anything was measured. */
    public boolean known() {
        return tracks > 0;
    }

    /** The reference for a front end: it reads the beginning of the same part of each track. */
    public static MelSpec reference(FeatureSpec spec) {
        ObjectNode json = JSON.valueToTree(MelSpec.defaults());
        ObjectNode own = JSON.valueToTree(spec);
        if (own.hasNonNull("downmix")) {
            json.set("downmix", own.get("downmix"));
        }
        ObjectNode excerpt = json.putObject("excerpt");
        excerpt.put("start", own.path("excerpt").path("start").asDouble());
        excerpt.put(
                "duration",
                Math.min(MOST_SECONDS, own.path("excerpt").path("duration").asDouble(MOST_SECONDS)));
        json.put("sampleRate", SAMPLE_RATE);
        json.put("nFft", 2048);
        json.put("winLength", 2048);
        json.put("hopLength", HOP);
        json.put("nMels", BANDS);
        json.put("fMax", SAMPLE_RATE / 2);
        json.put("norm", "none");
        json.put("compression", "none");
        json.put("storage", "float32");
        try {
            return (MelSpec) JSON.treeToValue(json, FeatureSpec.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the reference spectrogram cannot be described", e);
        }
    }

    /** Measures a front end; {@link #UNKNOWN} if the tracks are too few or too short. */
    public static FrontEnd measure(FeatureSpec spec, List<Track> tracks) {
        List<double[]> features = new ArrayList<>();
        List<double[]> logs = new ArrayList<>();
        double[] energy = new double[BANDS];
        for (Track track : tracks) {
            add(spec, track, features, logs, energy);
        }
        if (features.isEmpty() || features.size() < FRAMES_PER_FEATURE * features.get(0).length) {
            return UNKNOWN;
        }
        double[][] rows = standardised(features);
        double[][] columns = new double[BANDS][logs.size()];
        for (int i = 0; i < logs.size(); i++) {
            for (int b = 0; b < BANDS; b++) {
                columns[b][i] = logs.get(i)[b];
            }
        }
        double[] passed = explained(rows, columns);
        double[] variation = new double[BANDS];
        for (int b = 0; b < BANDS; b++) {
            variation[b] = Ridge.squares(columns[b]);
        }
        double allEnergy = Arrays.stream(energy).sum();
        double allVariation = Arrays.stream(variation).sum();
        double[] edges = MelFilterBank.corners(reference(spec));
        List<Band> bands = new ArrayList<>();
        double within = 0;
        double known = 0;
        for (int b = 0; b < BANDS; b++) {
            Band band = new Band(edges[b], edges[b + 2], energy[b] / allEnergy, variation[b] / allVariation, passed[b]);
            bands.add(band);
            within += band.energy() * coverage(spec, band);
            known += band.variation() * band.passed();
        }
        return new FrontEnd(
                tracks.size(),
                within,
                known,
                bands,
                spec.mel().map(MelSpec::nMels).orElseGet(spec::bands),
                spec.mel()
                        .map(mel -> new MelFilterBank(mel).emptyBands().size())
                        .orElse(0));
    }

    /** The share of a band that lies in the range of a front end. */
    public static double coverage(FeatureSpec spec, Band band) {
        FeatureSpec.Range range = spec.range();
        return Math.max(0, Math.min(range.high(), band.high()) - Math.max(range.low(), band.low()))
                / (band.high() - band.low());
    }

    private static void add(
            FeatureSpec spec, Track track, List<double[]> features, List<double[]> logs, double[] energy) {
        Spectrogram reference = track.reference();
        FrameSource own = track.features();
        int count = Math.min(reference.frames(), MOST_FRAMES_OF_A_TRACK);
        double sum = 0;
        for (float value : reference.values()) {
            sum += value;
        }
        double floor = FLOOR * sum / reference.values().length;
        if (!(floor > 0) || own.frames() == 0) {
            return;
        }
        List<double[]> x = new ArrayList<>();
        List<double[]> y = new ArrayList<>();
        float[] frame = new float[own.bands()];
        double shift = spec.center() ? 0 : spec.frameLength() / 2.0 / spec.hopLength();
        for (int i = 0; i < count; i++) {
            int at = (int) ((2L * i + 1) * reference.frames() / (2L * count));
            double seconds = at * (double) HOP / SAMPLE_RATE;
            long nearest = Math.round(seconds * spec.sampleRate() / spec.hopLength() - shift);
            own.read((int) Math.max(0, Math.min(own.frames() - 1L, nearest)), 1, frame, 0);
            double[] wide = new double[frame.length];
            for (int b = 0; b < frame.length; b++) {
                wide[b] = frame[b];
            }
            x.add(wide);
            double[] log = new double[BANDS];
            for (int b = 0; b < BANDS; b++) {
                float power = reference.values()[at * BANDS + b];
                energy[b] += power / sum;
                log[b] = Math.log10(floor + power);
            }
            y.add(log);
        }
        features.addAll(withoutMeans(x));
        logs.addAll(withoutMeans(y));
    }

    private static List<double[]> withoutMeans(List<double[]> rows) {
        double[] means = new double[rows.get(0).length];
        for (double[] row : rows) {
            for (int i = 0; i < means.length; i++) {
                means[i] += row[i] / rows.size();
            }
        }
        for (double[] row : rows) {
            for (int i = 0; i < means.length; i++) {
                row[i] -= means[i];
            }
        }
        return rows;
    }

    /** Rows whose columns have a standard deviation of 1; a column that does not vary stays 0. */
    private static double[][] standardised(List<double[]> rows) {
        double[] squares = new double[rows.get(0).length];
        for (double[] row : rows) {
            for (int i = 0; i < squares.length; i++) {
                squares[i] += row[i] * row[i] / rows.size();
            }
        }
        return rows.stream()
                .map(row -> {
                    double[] scaled = new double[row.length];
                    for (int i = 0; i < row.length; i++) {
                        double std = Math.sqrt(squares[i]);
                        scaled[i] = std > 1e-6 ? row[i] / std : 0;
                    }
                    return scaled;
                })
                .toArray(double[][]::new);
    }

    /** The share of each column's variation that ridge regression from the rows explains, 0 to 1. */
    private static double[] explained(double[][] rows, double[][] columns) {
        Ridge.Fit fit = Ridge.of(rows).fit(columns, PENALTIES);
        double[] shares = new double[columns.length];
        for (int c = 0; c < columns.length; c++) {
            double[] residuals = new double[rows.length];
            for (int i = 0; i < rows.length; i++) {
                residuals[i] = columns[c][i] - fit.predict(c, rows[i]);
            }
            double all = Ridge.squares(columns[c]);
            shares[c] = all > 0 ? Math.max(0, 1 - Ridge.squares(residuals) / all) : 0;
        }
        return shares;
    }
}
