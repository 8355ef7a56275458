package melgauge.features;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Random;

/** What several tests build: specs with a few settings changed, and random spectrograms. */
final class Specs {
    static final ObjectMapper JSON = new ObjectMapper();

    private Specs() {}

    /** The default spec with settings replaced, {@code name, value, name, value, …}. */
    @SuppressWarnings("TypeParameterUnusedInFormals")
    static <T extends FeatureSpec> T with(Object... settings) {
        ObjectNode json = json();
        for (int i = 0; i < settings.length; i += 2) {
            json.set((String) settings[i], JSON.valueToTree(settings[i + 1]));
        }
        return of(json);
    }

    /** The settings of all kinds, with their defaults. */
    static ObjectNode json() {
        ObjectNode json = JSON.valueToTree(MelSpec.defaults());
        return json.put("nMfcc", 20).put("binsPerOctave", 12).put("nChroma", 12);
    }

    /** The spec of the kind that {@code kind} names, which the caller knows. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    static <T extends FeatureSpec> T of(ObjectNode json) {
        try {
            return (T) JSON.treeToValue(json, FeatureSpec.class);
        } catch (JsonMappingException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new UncheckedIOException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Spectrogram random(int frames, int bands, long seed) {
        Random random = new Random(seed);
        float[] values = new float[frames * bands];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (3 + 2 * random.nextGaussian());
        }
        return new Spectrogram(values, frames, bands);
    }

    /** Row {@code f} holds {@code 100·f + band}: every number says where it came from. */
    static Spectrogram counting(int frames, int bands) {
        float[] values = new float[frames * bands];
        for (int i = 0; i < values.length; i++) {
            int frame = i / bands;
            values[i] = 100f * frame + i % bands;
        }
        return new Spectrogram(values, frames, bands);
    }

    static Path reference(String name) {
        try {
            return Path.of(Specs.class.getResource("reference/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
