package melgauge.model.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import melgauge.data.io.NamedArrays;
import melgauge.model.spec.Activation;
import melgauge.model.spec.Head;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.PatchShape;

/**
 * All that a network's arithmetic follows from, beside its parameters. It gives every parameter a name, a shape and a place in
 * one flat array, which are the same for every engine:
 *
 * <ul>
 *   <li>{@code convN.weight} {@code [out, in, 3, 3]}, and {@code convN.bias} {@code [out]} without batch normalisation;
 *   <li>with batch normalisation {@code normN.gamma}, {@code .beta}, {@code .alpha} (the slopes of PReLU), {@code .mean} and
 *       {@code .variance}, the last two the running statistics, each {@code [out]};
 *   <li>{@code denseN.weight} {@code [out, in]}, {@code denseN.bias}, and {@code denseNormN.…}, likewise; inputs of the first
 *       dense layer are in the order {@code [channel, frame, band]};
 *   <li>{@code output.weight} and {@code output.bias}.
 * </ul>
 *
 * <p>Slopes of PReLU stand apart, as {@code actN.alpha} and {@code denseActN.alpha}, behind a dense layer and where there is
 * no batch normalisation.
 *
 * @param network its layers
 * @param shape of the patches that it reads
 * @param outputs numbers per patch
 */
public record Architecture(NetworkSpec network, PatchShape shape, int outputs) {
    private static final long KERNEL = 3;

    /**
     * A layer.
     *
     * @param name such as {@code conv1} or {@code dense2}
     * @param kind what it computes, in words
     * @param parameters in the order in which they are stored; may be empty
     */
    public record Layer(String name, String kind, List<Parameter> parameters) {
        public Layer {
            parameters = List.copyOf(parameters);
        }

        /** The weights proper, if it is a convolution or a dense layer. */
        public Optional<Parameter> weights() {
            return parameters.stream()
                    .filter(parameter -> parameter.name().equals(WEIGHT))
                    .findFirst();
        }

        /** Whether it is a convolution or a dense layer. */
        public boolean hasWeights() {
            return weights().isPresent();
        }
    }

    /**
     * A parameter array of a layer.
     *
     * @param name within the layer: {@code weight}, {@code bias}, {@code gamma}, {@code beta}, {@code alpha}, {@code mean} or
     *     {@code variance}
     * @param shape outermost dimension first; the last index runs fastest
     * @param offset of its first number among all of the network
     * @param initialisation how its first values are chosen, in words; see {@link InitialWeights}
     * @param trained whether it follows a gradient; running statistics do not
     */
    public record Parameter(String name, List<Long> shape, int offset, String initialisation, boolean trained) {
        /** Numbers in it. */
        public int size() {
            return Architecture.size(shape);
        }

        /** Inputs of each output, of a weight array. */
        long fanIn() {
            return shape.stream().skip(1).reduce(1L, Math::multiplyExact);
        }
    }

    /**
     * A parameter array under its name in the network.
     *
     * @param name of the layer and the parameter, such as {@code conv1.weight}
     * @param shape outermost dimension first; the last index runs fastest
     * @param offset of its first number among all
     * @param trained whether it follows a gradient; running statistics do not
     */
    public record Slot(String name, List<Long> shape, int offset, boolean trained) {
        /** Numbers in it. */
        public int size() {
            return Architecture.size(shape);
        }

        long[] dimensions() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }
    }

    static final String WEIGHT = "weight";
    static final String OUTPUT = "output";

    private static int size(List<Long> shape) {
        return Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
    }

    /** The layers in the order of the data. */
    public List<Layer> layers() {
        network.checkFits(shape);
        Layers layers = new Layers();
        boolean prelu = network.activation() == Activation.PRELU;
        long inputs = 1;
        int bands = shape.bands();
        for (int i = 0; i < network.conv().size(); i++) {
            int number = i + 1;
            long channels = network.conv().get(i);
            int pooled = Math.min(2, bands);
            layers.begin("conv" + number, "3×3 convolution, " + inputs + " → " + channels + " channels");
            if (!network.batchNorm()) {
                layers.add("bias", channels);
            }
            layers.add(WEIGHT, channels, inputs, KERNEL, KERNEL);
            String pooling = "2×" + pooled + " max pooling";
            if (network.batchNorm() && prelu) {
                layers.norm("norm" + number, "batch normalisation, PReLU, " + pooling, true, channels);
            } else {
                if (network.batchNorm()) {
                    layers.norm("norm" + number, "batch normalisation", false, channels);
                }
                layers.activation("act" + number, prelu, channels);
                layers.begin("pool" + number, pooling);
            }
            inputs = channels;
            bands /= pooled;
        }
        if (network.head() == Head.AVERAGE) {
            layers.begin("average", "mean of each map");
        } else {
            inputs *= (long) (shape.frames() >> network.conv().size()) * bands;
        }
        for (int i = 0; i < network.dense().size(); i++) {
            int number = i + 1;
            long units = network.dense().get(i);
            layers.begin("dense" + number, "dense, " + inputs + " → " + units);
            layers.add(WEIGHT, units, inputs);
            if (network.batchNorm()) {
                layers.norm("denseNorm" + number, "batch normalisation", false, units);
            } else {
                layers.add("bias", units);
            }
            layers.activation("denseAct" + number, prelu, units);
            if (network.dropout() > 0) {
                layers.begin("drop" + number, "dropout");
            }
            inputs = units;
        }
        layers.begin(OUTPUT, "dense, " + inputs + " → " + outputs);
        layers.add(WEIGHT, (long) outputs, inputs);
        layers.add("bias", (long) outputs);
        return layers.finish();
    }

    /** The parameters in their order. */
    public List<Slot> slots() {
        return layers().stream()
                .flatMap(layer -> layer.parameters().stream()
                        .map(parameter -> new Slot(
                                layer.name() + "." + parameter.name(),
                                parameter.shape(),
                                parameter.offset(),
                                parameter.trained())))
                .toList();
    }

    /** Numbers in all of them. */
    public int size() {
        List<Slot> slots = slots();
        Slot last = slots.get(slots.size() - 1);
        return last.offset() + last.size();
    }

    /** Adds a network's numbers to arrays, one for each slot, named by a prefix and the slot's name. */
    public void write(float[] parameters, String prefix, NamedArrays.Builder arrays) {
        requireSize(parameters);
        for (Slot slot : slots()) {
            arrays.floats(
                    prefix + slot.name(),
                    Arrays.copyOfRange(parameters, slot.offset(), slot.offset() + slot.size()),
                    slot.dimensions());
        }
    }

    /**
     * Reads what {@link #write} added.
     *
     * @throws IOException if an array is missing or has another shape
     */
    public float[] read(NamedArrays arrays, String prefix) throws IOException {
        List<Slot> slots = slots();
        // Shapes first: the sum of what is there is no more than the file.
        List<float[]> parts = new ArrayList<>();
        int size = 0;
        for (Slot slot : slots) {
            float[] part = arrays.floats(prefix + slot.name(), slot.dimensions());
            parts.add(part);
            size += part.length;
        }
        float[] parameters = new float[size];
        for (int i = 0; i < parts.size(); i++) {
            System.arraycopy(parts.get(i), 0, parameters, slots.get(i).offset(), parts.get(i).length);
        }
        return parameters;
    }

    /** @throws IllegalArgumentException if these are not as many numbers as the network has */
    public void requireSize(float[] parameters) {
        if (parameters.length != size()) {
            throw new IllegalArgumentException(parameters.length + " parameters do not fit a network of " + size());
        }
    }

    /** The layers so far. */
    private final class Layers {
        private final List<Layer> all = new ArrayList<>();
        private List<Parameter> parameters = new ArrayList<>();
        private String name = "";
        private String kind = "";
        private int next;

        void begin(String layer, String computes) {
            end();
            name = layer;
            kind = computes;
        }

        private void end() {
            if (!name.isEmpty()) {
                all.add(new Layer(name, kind, parameters));
            }
            parameters = new ArrayList<>();
        }

        List<Layer> finish() {
            end();
            return List.copyOf(all);
        }

        /** @param slopes whether those of PReLU are part of the layer */
        void norm(String layer, String computes, boolean slopes, long units) {
            begin(layer, computes);
            add("gamma", units);
            add("beta", units);
            if (slopes) {
                add("alpha", units);
            }
            add("mean", false, units);
            add("variance", false, units);
        }

        void activation(String layer, boolean prelu, long units) {
            begin(layer, prelu ? "PReLU, one slope for each of " + units : "activation");
            if (prelu) {
                add("alpha", units);
            }
        }

        void add(String parameter, Long... dimensions) {
            add(parameter, true, dimensions);
        }

        private void add(String parameter, boolean trained, Long... dimensions) {
            List<Long> sizes = List.of(dimensions);
            parameters.add(new Parameter(
                    parameter, sizes, next, InitialWeights.inWords(network, name, parameter, sizes), trained));
            next = Math.addExact(next, size(sizes));
        }
    }
}
