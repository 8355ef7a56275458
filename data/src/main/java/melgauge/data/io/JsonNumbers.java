package melgauge.data.io;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Numbers on their way into JSON, which has neither NaN nor infinity. */
public final class JsonNumbers {
    private JsonNumbers() {}

    /** The number, or null where it is not finite. */
    public static @Nullable Double orNull(double value) {
        return Double.isFinite(value) ? (Double) value : null;
    }

    /** A mapper that writes what is not finite as null, and reads null as NaN. */
    public static ObjectMapper mapper() {
        return JsonMapper.builder()
                .addModule(new SimpleModule()
                        .addSerializer(Double.class, new Writer())
                        .addSerializer(double.class, new Writer())
                        .addDeserializer(Double.class, new Reader())
                        .addDeserializer(double.class, new Reader()))
                .build();
    }

    private static final class Writer extends StdSerializer<Double> {
        private static final long serialVersionUID = 1;

        Writer() {
            super(Double.class);
        }

        @Override
        public void serialize(Double value, JsonGenerator out, SerializerProvider provider) throws IOException {
            if (Double.isFinite(value)) {
                out.writeNumber(value);
            } else {
                out.writeNull();
            }
        }
    }

    private static final class Reader extends StdDeserializer<Double> {
        private static final long serialVersionUID = 1;

        Reader() {
            super(Double.class);
        }

        @Override
        public Double deserialize(JsonParser in, DeserializationContext context) throws IOException {
            return in.getDoubleValue();
        }

        @Override
        public Double getNullValue(DeserializationContext context) {
            return Double.NaN;
        }
    }
}
