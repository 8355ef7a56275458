package melgauge.model.training;

import java.util.List;
import melgauge.model.spec.TrainSpec;

/** The learning rate of every step, from the settings and, for a plateau, the validation losses so far. */
final class LearningRate {
    private static final double PLATEAU_FACTOR = 0.5;
    private static final int SHORTEST_PLATEAU = 2;
    private static final int PLATEAU_WITHOUT_PATIENCE = 4;

    private final TrainSpec spec;

    LearningRate(TrainSpec spec) {
        this.spec = spec;
    }

    /**
     * The learning rate of a step.
     *
     * @param finished the epochs before this one
     * @param step of this epoch, from 0
     * @param steps of an epoch
     */
    double at(List<TrainingLog.Epoch> finished, int step, int steps) {
        double epoch = finished.size() + (double) step / steps;
        double warm = spec.warmUp() == 0 ? 1 : Math.min(1, (epoch + 1.0 / steps) / spec.warmUp());
        return spec.learningRate()
                * warm
                * switch (spec.schedule()) {
                    case CONSTANT -> 1;
                    case COSINE -> {
                        double rest = spec.epochs() - spec.warmUp();
                        double done = rest <= 0 ? 0 : Math.max(0, epoch - spec.warmUp()) / rest;
                        yield 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)));
                    }
                    case PLATEAU -> Math.pow(PLATEAU_FACTOR, plateaus(finished));
                };
    }

    private int plateaus(List<TrainingLog.Epoch> finished) {
        int length = spec.patience() == 0 ? PLATEAU_WITHOUT_PATIENCE : Math.max(SHORTEST_PLATEAU, spec.patience() / 2);
        double best = Double.POSITIVE_INFINITY;
        int since = 0;
        int plateaus = 0;
        for (TrainingLog.Epoch epoch : finished) {
            if (epoch.validationLoss() < best) {
                best = epoch.validationLoss();
                since = 0;
            } else if (Double.isFinite(epoch.validationLoss()) && ++since == length) {
                plateaus++;
                since = 0;
            }
        }
        return plateaus;
    }
}
