package melgauge.model.spec;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import java.io.IOException;
import melgauge.data.UsageException;

/**
 * Chooses a batch size where {@code auto} is asked for: the largest power of two from 8 to 64 that fits half of the memory
 * that is free, and leaves an epoch at least 15 steps. Larger batches make a step no faster per patch on a CPU, and take
 * more epochs to learn as much.
 */
public final class BatchSize {
    /** What stands for {@code auto} in a {@link TrainSpec}. */
    public static final int AUTO = 0;

    private static final String WORD = "auto";
    private static final int SMALLEST = 8;
    private static final int LARGEST = 64;
    private static final int STEPS = 15;

    private BatchSize() {}

    /**
     * The batch size for a corpus on this machine.
     *
     * @param patches that an epoch sees
     * @param patchBytes that a patch takes in training, from {@link NetworkSpec#trainingBytes}
     * @param freeBytes that training may take
     * @throws UsageException if not even the smallest batch fits
     */
    public static int choose(long patches, long patchBytes, long freeBytes) {
        if (SMALLEST * patchBytes > freeBytes) {
            throw new UsageException("batchSize=auto finds " + freeBytes / 1_000_000 + " MB of free memory, and "
                    + SMALLEST + " patches need " + SMALLEST * patchBytes / 1_000_000
                    + " MB; take a smaller network.conv or patch.frames, or set batchSize");
        }
        int size = SMALLEST;
        while (size < LARGEST && 2L * size * STEPS <= patches && 2L * size * patchBytes <= freeBytes / 2) {
            size *= 2;
        }
        return size;
    }

    /** Reads {@code auto} or a whole number. */
    static final class Reader extends JsonDeserializer<Integer> {
        @Override
        public Integer deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
                int size = parser.getIntValue();
                if (size < 1) {
                    throw new UsageException("batchSize=" + size + " must be at least 1, or auto");
                }
                return size;
            }
            if (parser.currentToken() == JsonToken.VALUE_STRING
                    && parser.getText().equals(WORD)) {
                return AUTO;
            }
            throw new UsageException("batchSize=" + parser.getText() + " must be a whole number, or auto");
        }
    }

    /** Writes what the reader reads. */
    static final class Writer extends JsonSerializer<Integer> {
        @Override
        public void serialize(Integer size, JsonGenerator generator, SerializerProvider provider) throws IOException {
            if (size == AUTO) {
                generator.writeString(WORD);
            } else {
                generator.writeNumber(size);
            }
        }
    }
}
