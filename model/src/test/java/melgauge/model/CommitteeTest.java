package melgauge.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import melgauge.model.diagnosis.Answer;
import org.junit.jupiter.api.Test;

class CommitteeTest {
    /** Answers what it is told, whatever it is asked. */
    private static final class Fixed implements Predictor {
        private final PatchShape shape;
        private final float[] outputs;
        private final float[] hidden;
        private boolean closed;

        Fixed(PatchShape shape, float[] outputs, float... hidden) {
            this.shape = shape;
            this.outputs = outputs;
            this.hidden = hidden;
        }

        @Override
        public PatchShape shape() {
            return shape;
        }

        @Override
        public int outputs() {
            return 2;
        }

        @Override
        public float[] predict(float[] patches, int count) {
            return outputs;
        }

        @Override
        public Answer answer(float[] patches, int count) {
            return new Answer(outputs, hidden);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final PatchShape shape = new PatchShape(2, 3);
    private final Fixed first = new Fixed(shape, new float[] {0.1f, 0.2f, 0.3f, 0.4f}, 1, 2, 3, 4);
    private final Fixed second = new Fixed(shape, new float[] {0.3f, 0.2f, 0.6f, 1f}, 5, 6);
    private final Fixed third = new Fixed(shape, new float[] {0.8f, 0.8f, 0f, 0.1f}, 7, 8);

    @Test
    void answersWithTheMeanOfItsNetworks() {
        try (Predictor committee = Committee.of(List.of(first, second, third))) {
            assertThat(committee.shape()).isEqualTo(shape);
            assertThat(committee.outputs()).isEqualTo(2);
            assertThat(committee.predict(new float[12], 2))
                    .containsExactly(new float[] {0.4f, 0.4f, 0.3f, 0.5f}, within(1e-7f));
        }
    }

    @Test
    void itsHiddenLayersStandSideBySide() {
        Predictor.Answer answer = Committee.of(List.of(first, second, third)).answer(new float[12], 2);
        assertThat(answer.outputs()).containsExactly(new float[] {0.4f, 0.4f, 0.3f, 0.5f}, within(1e-7f));
        assertThat(answer.hidden()).containsExactly(1, 2, 5, 7, 3, 4, 6, 8);
    }

    @Test
    void oneNetworkStaysAsItIs() {
        assertThat(Committee.of(List.of(first))).isSameAs(first);
    }

    @Test
    void closesAllOfItsNetworks() {
        Committee.of(List.of(first, second)).close();
        assertThat(first.closed).isTrue();
        assertThat(second.closed).isTrue();
    }

    @Test
    void refusesNetworksThatReadOtherPatches() {
        Fixed other = new Fixed(new PatchShape(3, 2), new float[4], 1, 2);
        assertThatThrownBy(() -> Committee.of(List.of(first, other)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must read and answer the same");
    }
}
