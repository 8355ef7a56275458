package melgauge.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import melgauge.model.spec.Augment;
import melgauge.model.spec.Balance;
import melgauge.model.spec.BatchNormStatistics;
import melgauge.model.spec.HoldOut;
import melgauge.model.spec.Loss;
import melgauge.model.spec.OnCollapse;
import melgauge.model.spec.Optimizer;
import melgauge.model.spec.Sampling;
import melgauge.model.spec.Schedule;
import melgauge.model.spec.TrainSpec;
import org.junit.jupiter.api.Test;

class LearningRateTest {
    private static TrainSpec spec(double warmUp, Schedule schedule, int patience) {
        return new TrainSpec(
                10,
                8,
                0.01,
                warmUp,
                schedule,
                Optimizer.ADAM,
                0,
                0,
                Loss.MSE,
                Sampling.RANDOM,
                Balance.NONE,
                Augment.none(),
                0,
                BatchNormStatistics.RUNNING,
                patience,
                OnCollapse.STOP,
                1,
                HoldOut.SAME);
    }

    private static List<TrainingLog.Epoch> epochs(double... validationLosses) {
        List<TrainingLog.Epoch> epochs = new ArrayList<>();
        for (double loss : validationLosses) {
            epochs.add(
                    new TrainingLog.Epoch(epochs.size() + 1, 0.1, loss, List.of(), List.of(), List.of(), 1, 1, 0.01));
        }
        return epochs;
    }

    @Test
    void staysWhereItIsConstant() {
        LearningRate rate = new LearningRate(spec(0, Schedule.CONSTANT, 8));
        assertThat(rate.at(epochs(), 0, 5)).isEqualTo(0.01);
        assertThat(rate.at(epochs(1, 1, 1, 1, 1, 1), 4, 5)).isEqualTo(0.01);
    }

    @Test
    void risesEvenlyWhileWarmingUp() {
        LearningRate rate = new LearningRate(spec(2, Schedule.CONSTANT, 8));
        for (int step = 0; step < 10; step++) {
            assertThat(rate.at(epochs(new double[step / 5]), step % 5, 5))
                    .isCloseTo(0.01 * (step + 1) / 10, within(1e-15));
        }
        assertThat(rate.at(epochs(1, 1), 0, 5)).isEqualTo(0.01);
    }

    @Test
    void fallsAlongACosineAfterTheWarmUp() {
        LearningRate rate = new LearningRate(spec(2, Schedule.COSINE, 8));
        assertThat(rate.at(epochs(1, 1), 0, 4)).isEqualTo(0.01);
        assertThat(rate.at(epochs(1, 1, 1, 1, 1, 1), 0, 4)).isCloseTo(0.005, within(1e-12));
        assertThat(rate.at(epochs(1, 1, 1, 1), 0, 4)).isCloseTo(0.01 * 0.85355339, within(1e-9));
        assertThat(rate.at(epochs(1, 1, 1, 1, 1, 1, 1, 1, 1), 3, 4)).isCloseTo(0.01 * 0.00240764, within(1e-9));
    }

    @Test
    void isHalvedOnEachPlateauOfHalfThePatience() {
        LearningRate rate = new LearningRate(spec(0, Schedule.PLATEAU, 6));
        assertThat(rate.at(epochs(5, 4, 4, 4), 0, 4)).isEqualTo(0.01);
        assertThat(rate.at(epochs(5, 4, 4, 4, 4), 0, 4)).isEqualTo(0.005);
        assertThat(rate.at(epochs(5, 4, 4, 4, 4, 3, 3, 3), 0, 4)).isEqualTo(0.005);
        assertThat(rate.at(epochs(5, 4, 4, 4, 4, 4, 4, 4), 0, 4)).isEqualTo(0.0025);
        double nan = Double.NaN;
        assertThat(rate.at(epochs(nan, nan, nan, nan, nan, nan), 0, 4))
                .as("without validation tracks")
                .isEqualTo(0.01);
    }
}
