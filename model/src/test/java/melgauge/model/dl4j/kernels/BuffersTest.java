package melgauge.model.dl4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Doubles take the way of arrays that the JVM can't read in place, such as those on a GPU. */
class BuffersTest {
    @ParameterizedTest(name = "{0}, {1}")
    @CsvSource({"FLOAT, c", "FLOAT, f", "DOUBLE, c", "DOUBLE, f"})
    void writesAndReadsInTheArraysOwnOrder(DataType type, char order) {
        INDArray array = Nd4j.create(type, new long[] {2, 3}, order);
        Buffers.write(array, new float[] {1, 2, 3, 4, 5, 6, 7});
        assertThat(Buffers.copy(array)).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(array.getDouble(0, 1)).isEqualTo(order == 'c' ? 2 : 3);
        assertThat(array.getDouble(1, 0)).isEqualTo(order == 'c' ? 4 : 2);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT", "DOUBLE"})
    void staysInsideAView(DataType type) {
        INDArray all = Nd4j.create(type, 1, 8);
        INDArray view = all.get(NDArrayIndex.all(), NDArrayIndex.interval(2, 5));
        Buffers.write(view, new float[] {1, 2, 3});
        assertThat(Buffers.copy(all)).containsExactly(0, 0, 1, 2, 3, 0, 0, 0);
        assertThat(Buffers.copy(view)).containsExactly(1, 2, 3);
    }
}
