package melgauge.data.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Floats as they are stored: four bytes each, little-endian. */
public final class FloatBytes {
    private FloatBytes() {}

    /** The bytes of some floats. */
    public static byte[] of(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    /** The floats of some bytes; what is left behind the last whole one is ignored. */
    public static float[] floats(byte[] bytes) {
        float[] values = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }
}
