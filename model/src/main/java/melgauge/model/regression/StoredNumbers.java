package melgauge.model.regression;

import java.io.IOException;
import java.util.stream.DoubleStream;
import melgauge.data.io.NamedArrays;

/** Reads arrays of which every number must be finite. */
final class StoredNumbers {
    private StoredNumbers() {}

    static double[] finite(NamedArrays arrays, String name, int count) throws IOException {
        double[] values = arrays.doubles(name, count);
        requireFinite(name, values);
        return values;
    }

    static double[][] finite(NamedArrays arrays, String name, int rows, int columns) throws IOException {
        double[][] values = arrays.rows(name, rows, columns);
        for (double[] row : values) {
            requireFinite(name, row);
        }
        return values;
    }

    /** The rows of a float32 array. */
    static double[][] finiteFloats(NamedArrays arrays, String name, int rows, int columns) throws IOException {
        float[] values = arrays.floats(name, rows, columns);
        double[][] result = new double[rows][columns];
        for (int i = 0; i < values.length; i++) {
            result[i / columns][i % columns] = values[i];
        }
        for (double[] row : result) {
            requireFinite(name, row);
        }
        return result;
    }

    static double[] positive(NamedArrays arrays, String name, int count) throws IOException {
        double[] values = finite(arrays, name, count);
        if (!DoubleStream.of(values).allMatch(value -> value > 0)) {
            throw new IOException("its array " + name + " holds a value that is not above 0");
        }
        return values;
    }

    private static void requireFinite(String name, double[] values) throws IOException {
        if (!DoubleStream.of(values).allMatch(Double::isFinite)) {
            throw new IOException("its array " + name + " holds a value that is NaN or infinite");
        }
    }
}
