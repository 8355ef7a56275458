package melgauge.pipeline.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import melgauge.data.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchSpaceTest {
    private static SearchSpace space(String... words) {
        return SearchSpace.parse(List.of(words));
    }

    @Test
    void aGridHasEveryCombinationInOrder() {
        assertThat(space("a=1,2", "b.c= [8, 16],[16, 32, {x: 1}] ,\"y, z\"").grid())
                .containsExactly(
                        List.of("a=1", "b.c=[8, 16]"),
                        List.of("a=1", "b.c=[16, 32, {x: 1}]"),
                        List.of("a=1", "b.c=\"y, z\""),
                        List.of("a=2", "b.c=[8, 16]"),
                        List.of("a=2", "b.c=[16, 32, {x: 1}]"),
                        List.of("a=2", "b.c=\"y, z\""));
        assertThat(space("training.device=cuda:0,cpu", "x=𝄞,é,𝄞").grid())
                .containsExactly(
                        List.of("training.device=cuda:0", "x=𝄞"),
                        List.of("training.device=cuda:0", "x=é"),
                        List.of("training.device=cpu", "x=𝄞"),
                        List.of("training.device=cpu", "x=é"));
    }

    @Test
    void aRangeOverDecadesIsDrawnInLogarithms() {
        double[] logs = space("x=[1e-4..1e-2]").random(999, 1).stream()
                .mapToDouble(words -> Math.log10(Double.parseDouble(words.get(0).substring(2))))
                .toArray();
        assertThat(logs.length).isGreaterThan(950);
        assertThat(Arrays.stream(logs).min().orElseThrow()).isBetween(-4.0, -3.98);
        assertThat(Arrays.stream(logs).max().orElseThrow()).isBetween(-2.02, -2.0);
        // The mean of 999 uniform numbers over two decades has a standard error of 0.018.
        assertThat(Arrays.stream(logs).average().orElseThrow()).isCloseTo(-3, within(0.06));
    }

    @Test
    void aNarrowRangeIsLinearAndWholeEndsGiveWholeNumbers() {
        double[] values = space("x=[0.2..0.8]").random(999, 1).stream()
                .mapToDouble(words -> Double.parseDouble(words.get(0).substring(2)))
                .toArray();
        assertThat(Arrays.stream(values).average().orElseThrow()).isCloseTo(0.5, within(0.02));
        assertThat(space("x=[-2..3]").random(100, 1).stream()
                        .map(words -> words.get(0))
                        .sorted())
                .containsExactly("x=-1", "x=-2", "x=0", "x=1", "x=2", "x=3");
        assertThat(space("x=[1..1000 linear]").axes())
                .containsExactly(new SearchSpace.Range("x", 1, 1000, false, true));
        assertThat(space("x=[ 1 .. 2.5 log ]").axes()).containsExactly(new SearchSpace.Range("x", 1, 2.5, true, false));
    }

    @Test
    void randomCombinationsDifferAndMoreOfThemBeginTheSame() {
        SearchSpace space = space("a=1,2,3", "b=x,y");
        assertThat(space.random(100, 5)).hasSize(6).doesNotHaveDuplicates().containsAll(space.grid());
        assertThat(space.random(4, 5)).hasSize(4).isEqualTo(space.random(100, 5).subList(0, 4));
        assertThat(space.random(4, 6)).isNotEqualTo(space.random(4, 5));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    x=[2..1]              | a range must begin below its end
                    x=[-1..1 log]         | a logarithmic range must begin above 0
                    x=                    | must be KEY=VALUE,VALUE
                    =1,2                  | must be KEY=VALUE,VALUE
                    x=[1,2                | not valid YAML
                    x=1],[2               | not valid YAML
                    x=,                   | not valid YAML
                    output=a,b            | output changes no result
                    """)
    void refusesWhatItCannotRead(String word, String message) {
        assertThatThrownBy(() -> space(word)).isInstanceOf(UsageException.class).hasMessageContaining(message);
    }

    @Test
    void refusesTooMuchAndTheSameKeyTwice() {
        assertThatThrownBy(() -> space("a=1,2", "a=3"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("a is varied twice");
        String many = "=0,1,2,3,4,5,6,7,8,9,10";
        assertThatThrownBy(() -> space("a" + many, "b" + many, "c" + many).grid())
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("1331 combinations");
    }
}
