package melgauge.model;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import melgauge.data.io.NamedArrays;

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
     * A parameter array.
     *
     * @param name within the network
     * @param shape outermost dimension first; the last index runs fastest
     * @param offset of its first number among all
     * @param trained whether it follows a gradient; running statistics do not
     */
    public record Slot(String name, List<Long> shape, int offset, boolean trained) {
        /** Numbers in it. */
        public int size() {
            return Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
        }

        long[] dimensions() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }
    }

    /** The parameters in their order. */
    public List<Slot> slots() {
        network.checkFits(shape);
        Slots slots = new Slots();
        boolean prelu = network.activation() == Activation.PRELU;
        long inputs = 1;
        int bands = shape.bands();
        for (int i = 0; i < network.conv().size(); i++) {
            int number = i + 1;
            long channels = network.conv().get(i);
            // Deeplearning4j keeps the bias of a convolution in front of the weights, that of a dense layer behind
            // them.
            slots.bias("conv" + number, !network.batchNorm(), channels);
            slots.weight("conv" + number, channels, inputs, KERNEL, KERNEL);
            slots.norm("norm" + number, network.batchNorm(), prelu, channels);
            slots.slopes("act" + number, prelu && !network.batchNorm(), channels);
            inputs = channels;
            bands = Math.max(1, bands / 2);
        }
        if (network.head() == Head.FLATTEN) {
            inputs *= (long) (shape.frames() >> network.conv().size()) * bands;
        }
        for (int i = 0; i < network.dense().size(); i++) {
            int number = i + 1;
            long units = network.dense().get(i);
            slots.weight("dense" + number, units, inputs);
            slots.bias("dense" + number, !network.batchNorm(), units);
            slots.norm("denseNorm" + number, network.batchNorm(), false, units);
            slots.slopes("denseAct" + number, prelu, units);
            inputs = units;
        }
        slots.weight("output", (long) outputs, inputs);
        slots.bias("output", true, outputs);
        return slots.all;
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

    /** The slots so far. */
    private static final class Slots {
        private final List<Slot> all = new ArrayList<>();
        private int next;

        void weight(String layer, Long... shape) {
            add(layer + ".weight", true, shape);
        }

        void bias(String layer, boolean there, long units) {
            if (there) {
                add(layer + ".bias", true, units);
            }
        }

        /** @param slopes whether those of PReLU are part of the layer */
        void norm(String layer, boolean there, boolean slopes, long units) {
            if (there) {
                add(layer + ".gamma", true, units);
                add(layer + ".beta", true, units);
                slopes(layer, slopes, units);
                add(layer + ".mean", false, units);
                add(layer + ".variance", false, units);
            }
        }

        void slopes(String layer, boolean there, long units) {
            if (there) {
                add(layer + ".alpha", true, units);
            }
        }

        private void add(String name, boolean trained, Long... shape) {
            Slot slot = new Slot(name, List.of(shape), next, trained);
            all.add(slot);
            next = Math.addExact(next, slot.size());
        }
    }
}
