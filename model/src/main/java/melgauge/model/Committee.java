package melgauge.model;

import java.util.List;
import melgauge.model.diagnosis.Answer;

/**
 * Several networks for the same task that answer with the mean of their answers. Networks that began with other weights and
 * saw other patches are wrong in other places, and the mean is wrong by less than they are on average (Hansen and Salamon
 * 1990; Lakshminarayanan et al. 2017, Deep Ensembles). Their last hidden layers stand side by side. Not thread-safe; closes
 * its networks.
 */
public final class Committee implements Predictor {
    private final List<? extends Predictor> networks;

    private Committee(List<? extends Predictor> networks) {
        this.networks = List.copyOf(networks);
    }

    /**
     * Networks as one, which owns them.
     *
     * @param networks at least one, of equal shapes and outputs; one alone stays as it is
     */
    public static Predictor of(List<? extends Predictor> networks) {
        Predictor first = networks.get(0);
        for (Predictor other : networks) {
            if (!other.shape().equals(first.shape()) || other.outputs() != first.outputs()) {
                throw new IllegalArgumentException("the networks of a committee must read and answer the same");
            }
        }
        return networks.size() == 1 ? first : new Committee(networks);
    }

    @Override
    public PatchShape shape() {
        return networks.get(0).shape();
    }

    @Override
    public int outputs() {
        return networks.get(0).outputs();
    }

    @Override
    public float[] predict(float[] patches, int count) {
        return mean(networks.stream()
                .map(network -> network.predict(patches, count))
                .toList());
    }

    @Override
    public Answer answer(float[] patches, int count) {
        List<Answer> answers =
                networks.stream().map(network -> network.answer(patches, count)).toList();
        return new Answer(
                mean(answers.stream().map(Answer::outputs).toList()),
                sideBySide(answers.stream().map(Answer::hidden).toList(), count));
    }

    private static float[] mean(List<float[]> answers) {
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

    @Override
    public void close() {
        networks.forEach(Predictor::close);
    }
}
