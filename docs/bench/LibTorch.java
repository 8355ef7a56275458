import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * The default network in libtorch 2.10, called from Java: the other peer of {@code melgauge bench train} and {@code
 * melgauge bench infer} in docs/performance.md. What is measured and printed is as in train.py.
 *
 * <pre>{@code
 * for part in pytorch:2.10.0-1.5.13 openblas:0.3.31-1.5.13 javacpp:1.5.13; do
 *   for kind in jar jar:linux-x86_64; do
 *     mvn -q dependency:copy -Dartifact=org.bytedeco:$part:$kind -DoutputDirectory=/tmp/libtorch
 *   done
 * done
 * java -cp "/tmp/libtorch/*" docs/bench/LibTorch.java THREADS [STEPS] [BATCH]
 * }</pre>
 */
public final class LibTorch {
    private static final int[] CHANNELS = {32, 64, 128, 128, 128};
    private static final int TARGETS = 5;

    private final MemoryFormat format;
    private final List<Tensor> parameters = new ArrayList<>();
    private final List<Tensor> running = new ArrayList<>();
    private int next;
    private int nextRunning;

    private LibTorch(MemoryFormat format) {
        this.format = format;
        int in = 1;
        for (int channels : CHANNELS) {
            weights(Math.sqrt(2.0 / (9 * in)), channels, in, 3, 3);
            norm(channels);
            in = channels;
        }
        int inputs = 128 * 8 * 3;
        for (int layer = 0; layer < 2; layer++) {
            weights(Math.sqrt(2.0 / inputs), 128, inputs);
            norm(128);
            inputs = 128;
        }
        weights(0.1, TARGETS, inputs);
        weights(0, TARGETS);
    }

    private void weights(double deviation, long... shape) {
        Tensor values = torch.randn(shape).mul_(new Scalar(deviation));
        parameters.add((shape.length == 4 ? values.contiguous(format) : values).detach().set_requires_grad(true));
    }

    private void norm(long size) {
        parameters.add(torch.ones(size).set_requires_grad(true));
        parameters.add(torch.zeros(size).set_requires_grad(true));
        parameters.add(torch.full(new long[] {size}, new Scalar(0.25)).set_requires_grad(true));
        running.add(torch.zeros(size));
        running.add(torch.ones(size));
    }

    private Tensor parameter() {
        return parameters.get(next++);
    }

    private Tensor normAndBend(Tensor x, boolean training) {
        Tensor y = torch.batch_norm(
                x,
                new TensorOptional(parameter()),
                new TensorOptional(parameter()),
                new TensorOptional(running.get(nextRunning++)),
                new TensorOptional(running.get(nextRunning++)),
                training,
                0.1,
                1e-5,
                true);
        return torch.prelu(y, parameter());
    }

    private Tensor forward(Tensor x, boolean training) {
        next = 0;
        nextRunning = 0;
        long[] one = {1, 1};
        for (int block = 0; block < CHANNELS.length; block++) {
            x = torch.conv2d(x, parameter(), new TensorOptional(), one, one, one, 1);
            x = torch.max_pool2d(normAndBend(x, training), 2, 2);
        }
        x = torch.flatten(x, 1, -1);
        for (int layer = 0; layer < 2; layer++) {
            x = normAndBend(torch.linear(x, parameter()), training);
        }
        return torch.sigmoid(torch.linear(x, parameter(), new TensorOptional(parameter())));
    }

    private static String milliseconds(int steps, Runnable work) {
        double[] times = new double[steps];
        for (int step = -3; step < steps; step++) {
            long begin = System.nanoTime();
            try (PointerScope scope = new PointerScope()) {
                work.run();
            }
            if (step >= 0) {
                times[step] = (System.nanoTime() - begin) / 1e6;
            }
        }
        Arrays.sort(times);
        return String.format(Locale.ROOT, "{\"min\": %.1f, \"median\": %.1f}", times[0], times[steps / 2]);
    }

    public static void main(String[] args) throws Exception {
        // Without this, the first class dies in System.load where ~/.javacpp is empty.
        Loader.cacheResources("/org/bytedeco/pytorch/linux-x86_64/");
        int threads = Integer.parseInt(args[0]);
        int steps = args.length > 1 ? Integer.parseInt(args[1]) : 10;
        int batch = args.length > 2 ? Integer.parseInt(args[2]) : 16;
        torch.set_num_threads(threads);
        torch.manual_seed(1);
        for (MemoryFormat format : new MemoryFormat[] {MemoryFormat.Contiguous, MemoryFormat.ChannelsLast}) {
            LibTorch network = new LibTorch(format);
            Tensor x = torch.randn(batch, 1, 256, 96).contiguous(format);
            Tensor y = torch.rand(batch, TARGETS);
            Adam adam = new Adam(
                    new TensorVector(network.parameters.toArray(Tensor[]::new)), new AdamOptions(1e-3));
            String trained = milliseconds(steps, () -> {
                adam.zero_grad();
                torch.mse_loss(network.forward(x, true), y).backward();
                adam.step();
            });
            String inferred = milliseconds(steps, () -> {
                try (NoGradGuard guard = new NoGradGuard()) {
                    network.forward(x, false);
                }
            });
            System.out.printf(
                    "{\"libtorch\": \"2.10\", \"layout\": \"%s\", \"threads\": %d, \"batch\": %d, \"train\": %s, \"infer\": %s}%n",
                    format == MemoryFormat.Contiguous ? "nchw" : "channels_last", threads, batch, trained, inferred);
        }
    }
}
