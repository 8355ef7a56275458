package melgauge.model.dl4j.kernels;

import java.nio.FloatBuffer;
import java.util.Objects;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A 3×3 convolution that keeps the size and has no bias, by Winograd's algorithm on tiles of 4 × 4 (Lavin and Gray 2016),
 * which multiplies a quarter as often as the sum that it computes. It is oneDNN's, and needs AVX-512. ND4J's own oneDNN has
 * it, too, but chooses it only backward, and moves maps to its layout and back each time; so this one comes as a library of
 * its own.
 *
 * <p>Its maps lie as {@code [examples, channels / 16, height, width, 16]}, <i>blocked</i>. Inputs and their gradients are
 * brought from {@code [examples, height, width, channels]} and back here; what is made of the outputs is read where it lies
 * ({@link NormPool}). Not for several threads at once.
 */
public final class Winograd {
    /** Channels that lie side by side. */
    public static final int BLOCK = 16;

    private static final Logger LOG = LoggerFactory.getLogger(Winograd.class);
    private static final long[] ONES = {1, 1};

    private final stream queue;
    /** The input, or its gradient, channels last; blocked; the output, or its gradient, blocked; the weights, as given. */
    private final memory lastIn;

    private final memory in;
    private final memory out;
    private final memory weights;
    /** The weights that have been transformed for the forward pass. */
    private @Nullable FloatBuffer packed;

    private final Move block;
    private final Move pack;
    private final Pass forward;
    private final @Nullable Backward backward;

    /** The passes of the gradients, and what brings weights and gradients to their layouts and back. */
    private record Backward(Pass toWeights, Move unpackGradient, Move pack, Pass toInput, Move unblock) {}

    /** The machine's oneDNN; null where it can't be loaded. */
    private static final class Library {
        static final @Nullable engine ENGINE = start();

        private static @Nullable engine start() {
            try {
                return new engine(engine.kind.cpu, 0);
            } catch (LinkageError | RuntimeException e) {
                LOG.info(
                        "No Winograd's algorithm for convolutions: oneDNN's own library does not start: {}",
                        e.toString());
                return null;
            }
        }
    }

    /** An operation and what it reads and writes. */
    private record Pass(primitive operation, IntMemoryMap arguments) {
        Pass(primitive operation, int first, memory a, int second, memory b, int third, memory c) {
            this(operation, new IntMemoryMap().put(first, a).put(second, b).put(third, c));
        }

        void run(stream queue) {
            operation.execute(queue, arguments);
        }
    }

    /** Brings values from one layout to another. */
    private record Move(reorder operation, memory from, memory to) {
        Move(memory from, memory to) {
            this(new reorder(from, to), from, to);
        }

        void run(stream queue) {
            operation.execute(queue, from, to);
        }
    }

    private Winograd(engine machine, Maps maps, int inChannels, boolean training) {
        long[] inShape = {maps.examples(), inChannels, maps.height(), maps.width()};
        long[] outShape = {maps.examples(), maps.channels(), maps.height(), maps.width()};
        long[] kernel = {maps.channels(), inChannels, 3, 3};
        memory.desc from = floats(inShape, memory.format_tag.nChw16c);
        memory.desc to = floats(outShape, memory.format_tag.nChw16c);
        memory.desc any = floats(kernel, memory.format_tag.any);
        var description = new convolution_forward.primitive_desc(
                new convolution_forward.desc(
                        training ? dnnl.prop_kind.forward_training : dnnl.prop_kind.forward_inference,
                        dnnl.algorithm.convolution_winograd,
                        from,
                        any,
                        to,
                        ONES,
                        ONES,
                        ONES),
                machine);
        queue = new stream(machine);
        lastIn = elsewhere(floats(inShape, memory.format_tag.nhwc), machine);
        in = elsewhere(from, machine);
        out = elsewhere(to, machine);
        weights = elsewhere(floats(kernel, memory.format_tag.oihw), machine);
        memory packedWeights = new memory(description.weights_desc(), machine);
        block = new Move(lastIn, in);
        pack = new Move(weights, packedWeights);
        forward = new Pass(
                new convolution_forward(description),
                dnnl.DNNL_ARG_SRC,
                in,
                dnnl.DNNL_ARG_WEIGHTS,
                packedWeights,
                dnnl.DNNL_ARG_DST,
                out);
        if (!training) {
            backward = null;
            return;
        }
        var data = new convolution_backward_data.primitive_desc(
                new convolution_backward_data.desc(
                        dnnl.algorithm.convolution_winograd, from, any, to, ONES, ONES, ONES),
                machine,
                description);
        var kernels = new convolution_backward_weights.primitive_desc(
                new convolution_backward_weights.desc(
                        dnnl.algorithm.convolution_winograd, from, any, to, ONES, ONES, ONES),
                machine,
                description);
        memory packedBackward = new memory(data.weights_desc(), machine);
        memory packedGradient = new memory(kernels.diff_weights_desc(), machine);
        Pass toWeights = new Pass(
                new convolution_backward_weights(kernels),
                dnnl.DNNL_ARG_SRC,
                in,
                dnnl.DNNL_ARG_DIFF_DST,
                out,
                dnnl.DNNL_ARG_DIFF_WEIGHTS,
                packedGradient);
        Pass toInput = new Pass(
                new convolution_backward_data(data),
                dnnl.DNNL_ARG_DIFF_DST,
                out,
                dnnl.DNNL_ARG_WEIGHTS,
                packedBackward,
                dnnl.DNNL_ARG_DIFF_SRC,
                in);
        backward = new Backward(
                toWeights,
                new Move(packedGradient, weights),
                new Move(weights, packedBackward),
                toInput,
                new Move(in, lastIn));
    }

    /** Whether this machine has it. */
    public static boolean available() {
        return of(new Maps(1, 8, 8, BLOCK, BLOCK, 2), BLOCK, false) != null;
    }

    /**
     * A convolution for maps of these sizes; null if this machine or these sizes have none.
     *
     * @param maps of the output
     * @param training whether there will be backward passes
     */
    public static @Nullable Winograd of(Maps maps, int inChannels, boolean training) {
        if (maps.channels() % BLOCK != 0 || inChannels % BLOCK != 0) {
            return null;
        }
        engine machine = Library.ENGINE;
        if (machine == null) {
            return null;
        }
        try {
            return new Winograd(machine, maps, inChannels, training);
        } catch (RuntimeException e) {
            LOG.debug("No Winograd's algorithm for maps of {}: {}", maps, e.toString());
            return null;
        }
    }

    private static memory.desc floats(long[] shape, memory.format_tag layout) {
        return new memory.desc(shape, memory.data_type.f32, layout);
    }

    /** Memory whose place is told at each pass. */
    private static memory elsewhere(memory.desc description, engine machine) {
        return new memory(description, machine, null);
    }

    private static void at(memory place, INDArray array) {
        place.set_data_handle(new FloatPointer(Buffers.of(array)));
    }

    /** Transforms the weights, unless they are those that have been transformed: it takes nearly half as long as to convolve. */
    private void pack(FloatBuffer kernel) {
        if (packed == null) {
            packed = FloatBuffer.allocate(kernel.capacity());
        } else if (packed.equals(kernel)) {
            return;
        }
        packed.put(0, kernel, 0, kernel.capacity());
        pack.run(queue);
    }

    /**
     * Convolves.
     *
     * @param input {@code [examples, height, width, channels]}
     * @param kernel {@code [out, in, 3, 3]}
     * @param blockedInput room for the input, blocked
     * @param output blocked
     */
    public void forward(INDArray input, INDArray kernel, INDArray blockedInput, INDArray output) {
        at(lastIn, input);
        at(in, blockedInput);
        block.run(queue);
        forward(blockedInput, kernel, output);
    }

    /** The same from an input that is blocked. */
    public void forward(INDArray blockedInput, INDArray kernel, INDArray output) {
        at(in, blockedInput);
        at(weights, kernel);
        at(out, output);
        pack(Buffers.of(kernel));
        forward.run(queue);
        queue._wait();
    }

    /**
     * The gradients of a convolution for training.
     *
     * @param blockedInput what {@link #forward} has left there; afterwards the gradient of the input, blocked
     * @param kernel {@code [out, in, 3, 3]}
     * @param slope the gradient of the output, blocked
     * @param gradient is set to that of the input, {@code [examples, height, width, channels]}
     * @param kernelGradient is set to that of the kernel
     */
    public void backward(
            INDArray blockedInput, INDArray kernel, INDArray slope, INDArray gradient, INDArray kernelGradient) {
        at(in, blockedInput);
        at(out, slope);
        at(weights, kernelGradient);
        Backward passes = Objects.requireNonNull(backward);
        passes.toWeights().run(queue);
        passes.unpackGradient().run(queue);
        at(weights, kernel);
        at(lastIn, gradient);
        passes.pack().run(queue);
        passes.toInput().run(queue);
        passes.unblock().run(queue);
        queue._wait();
    }
}
