package melgauge.model.inference;

import java.util.List;
import melgauge.features.Modulation;
import melgauge.model.engine.Network;
import melgauge.model.regression.ModulationRegression;
import melgauge.model.spec.PatchShape;

/**
 * Members that answer for a track together, each with a share: networks, which read patches, and regressions, which read the
 * whole track. Networks have equal shares of what the regressions leave.
 *
 * <p>Networks that began with other weights and saw other patches are wrong in other places, and their mean is wrong by less
 * than they are on average (Hansen and Salamon 1990; Lakshminarayanan et al. 2017, Deep Ensembles). {@link Inference} is the
 * way from frames to values. Thread-safe: threads take turns at the networks, which it closes.
 */
public final class Ensemble implements AutoCloseable {
    private final List<Network> networks;
    private final List<Regression> regressions;
    private final String name;
    private boolean closed;

    /**
     * A regression of the whole track.
     *
     * @param fitted that predicts
     * @param reading what it reads of a track
     * @param share of it in the ensemble's values, above 0, at most 1; see {@link ModulationShare}
     */
    public record Regression(ModulationRegression fitted, Modulation reading, double share) {
        public Regression {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException("share=" + share + " must be above 0 and at most 1");
            }
        }
    }

    /** An ensemble of networks alone, which it owns: at least one, of equal shapes and outputs. */
    public Ensemble(List<? extends Network> networks) {
        this(networks, List.of(), "the ensemble");
    }

    /**
     * An ensemble of networks, which it owns, and regressions.
     *
     * @param name that errors call it by
     */
    public Ensemble(List<? extends Network> networks, List<Regression> regressions, String name) {
        this.networks = List.copyOf(networks);
        this.regressions = List.copyOf(regressions);
        this.name = name;
        Network first = this.networks.get(0);
        for (Network other : this.networks) {
            if (!other.shape().equals(first.shape()) || other.outputs() != first.outputs()) {
                throw new IllegalArgumentException("the networks of an ensemble must read and predict the same");
            }
        }
    }

    /** The shape of a patch. */
    public PatchShape shape() {
        return networks.get(0).shape();
    }

    /** Numbers per patch. */
    public int outputs() {
        return networks.get(0).outputs();
    }

    List<Regression> regressions() {
        return regressions;
    }

    /**
     * Predicts with the networks: the mean of their outputs.
     *
     * @param patches at least {@code count} patches
     * @return {@code [count, outputs]}
     * @throws IllegalStateException if it has been closed
     */
    public synchronized float[] predict(float[] patches, int count) {
        requireOpen();
        return mean(networks.stream()
                .map(network -> network.predict(patches, count))
                .toList());
    }

    /** Predicts as {@link #predict}, with the last hidden layers of the networks side by side. */
    public synchronized Network.Answer answer(float[] patches, int count) {
        requireOpen();
        List<Network.Answer> answers =
                networks.stream().map(network -> network.answer(patches, count)).toList();
        return new Network.Answer(
                mean(answers.stream().map(Network.Answer::outputs).toList()),
                sideBySide(answers.stream().map(Network.Answer::hidden).toList(), count));
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(name + " has been closed");
        }
    }

    /**
     * Puts the members' values for a track together.
     *
     * @param ofNetworks the mean of the networks
     * @param ofRegressions the values of each regression, which are the same for each patch, so that patches spread less
     */
    TrackPrediction together(TrackPrediction ofNetworks, List<double[]> ofRegressions) {
        double[] mean = new double[outputs()];
        double[] spread = new double[outputs()];
        for (int t = 0; t < mean.length; t++) {
            mean[t] = together(ofNetworks.mean()[t], ofRegressions, t);
            spread[t] = shareOfNetworks() * ofNetworks.spread()[t];
        }
        return new TrackPrediction(mean, spread, ofNetworks.patches(), ofNetworks.isShort());
    }

    /** Puts the members' values for each patch together, {@code [patches, outputs]}. */
    float[] together(float[] ofNetworks, List<double[]> ofRegressions) {
        float[] all = new float[ofNetworks.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) together(ofNetworks[i], ofRegressions, i % outputs());
        }
        return all;
    }

    private double together(double ofNetworks, List<double[]> ofRegressions, int output) {
        double sum = shareOfNetworks() * ofNetworks;
        for (int i = 0; i < regressions.size(); i++) {
            sum += regressions.get(i).share() * ofRegressions.get(i)[output];
        }
        return sum;
    }

    private double shareOfNetworks() {
        double left = 1;
        for (Regression regression : regressions) {
            left -= regression.share();
        }
        return left;
    }

    private static float[] mean(List<float[]> answers) {
        if (answers.size() == 1) {
            return answers.get(0);
        }
        float[] mean = new float[answers.get(0).length];
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            for (float[] answer : answers) {
                sum += answer[i];
            }
            mean[i] = (float) (sum / answers.size());
        }
        return mean;
    }

    private static float[] sideBySide(List<float[]> parts, int rows) {
        float[] joined = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int width = joined.length / rows;
        int at = 0;
        for (float[] part : parts) {
            int size = part.length / rows;
            for (int row = 0; row < rows; row++) {
                System.arraycopy(part, row * size, joined, row * width + at, size);
            }
            at += size;
        }
        return joined;
    }

    /** Closes the networks, once no thread uses them. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            networks.forEach(Network::close);
        }
    }
}
