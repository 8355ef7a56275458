package melgauge.model.dl4j.kernels;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Reads and writes ND4J arrays from Java: in place where they are floats in the main memory, by ND4J's operations, which
 * move values to and from a GPU, where they are not.
 */
public final class Buffers {
    private static final boolean ON_CPU =
            !Nd4j.getBackend().getClass().getName().toLowerCase(Locale.ROOT).contains("jcublas");

    /** Values that are read at a time: few enough for the nearest cache. */
    private static final int PIECE = 4096;

    private Buffers() {}

    /** Whether the JVM can read this array in place: float, and in the main memory. */
    public static boolean readable(INDArray array) {
        return ON_CPU && array.dataType() == DataType.FLOAT;
    }

    /** The array itself if its values lie in C order without gaps, else a copy that does. */
    public static INDArray contiguous(INDArray array) {
        return inOrder(array) ? array : array.dup('c');
    }

    private static boolean inOrder(INDArray array) {
        long expected = 1;
        for (int axis = array.rank() - 1; axis >= 0; axis--) {
            if (array.size(axis) != 1 && array.stride(axis) != expected) {
                return false;
            }
            expected *= array.size(axis);
        }
        return true;
    }

    /** The values of a contiguous {@link #readable} array, from its own first value on. */
    public static FloatBuffer of(INDArray array) {
        // A view's buffer stands at the view's offset.
        return array.data().asNioFloat().slice();
    }

    /** A copy of the values of a contiguous array, in the array's own order. */
    public static float[] copy(INDArray array) {
        if (!readable(array)) {
            return array.dup(array.ordering()).data().asFloat();
        }
        float[] values = new float[(int) array.length()];
        of(array).get(0, values);
        return values;
    }

    /**
     * Sets the values of a contiguous array, in the array's own order.
     *
     * @param values as many as the array has, or more, which are left
     */
    public static void write(INDArray array, float[] values) {
        if (readable(array)) {
            of(array).put(0, values, 0, (int) array.length());
        } else {
            array.assign(Nd4j.create(Arrays.copyOf(values, (int) array.length()), array.shape(), array.ordering()));
        }
    }

    /** Some consecutive values of an array. */
    @FunctionalInterface
    public interface Piece {
        /**
         * Takes them.
         *
         * @param values the first {@code length} numbers
         * @param from the place of the first of them in the array
         */
        void take(float[] values, int from, int length);
    }

    /** Reads a range of a contiguous array piece by piece, in order. */
    public static void read(INDArray array, int from, int length, Piece piece) {
        each(array, from, length, piece, false);
    }

    /** Reads a range of a contiguous array piece by piece, in order, and writes each piece back as it was left. */
    public static void update(INDArray array, int from, int length, Piece piece) {
        each(array, from, length, piece, true);
    }

    private static void each(INDArray array, int from, int length, Piece piece, boolean write) {
        if (!readable(array)) {
            float[] all = copy(array);
            float[] part = Arrays.copyOfRange(all, from, from + length);
            piece.take(part, from, length);
            if (write) {
                System.arraycopy(part, 0, all, from, length);
                write(array, all);
            }
            return;
        }
        FloatBuffer buffer = of(array);
        float[] values = new float[Math.min(length, PIECE)];
        for (int at = from; at < from + length; at += PIECE) {
            int count = Math.min(PIECE, from + length - at);
            buffer.get(at, values, 0, count);
            piece.take(values, at, count);
            if (write) {
                buffer.put(at, values, 0, count);
            }
        }
    }
}
