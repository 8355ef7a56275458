package melgauge.model.dl4j;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import melgauge.model.Architecture;
import melgauge.model.Batch;
import melgauge.model.Loss;
import melgauge.model.PatchShape;
import melgauge.model.Regressor;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/** The network as a {@link MultiLayerNetwork}. */
final class Dl4jRegressor implements Regressor {
    /** Names of parameters in {@link Architecture}, by Deeplearning4j's. */
    private static final Map<String, String> NAMES = Map.of("W", "weight", "b", "bias", "var", "variance");

    /** What update rules keep of each parameter, in Deeplearning4j's order. */
    private static final List<String> MOMENTS = List.of("m", "v");

    private final MultiLayerNetwork network;
    private final Architecture architecture;
    private final PatchShape shape;
    private final int outputs;
    private final List<Layer> layers;
    private final RegressionLoss loss;
    private final GradientTap gradient = new GradientTap();
    private @Nullable INDArray batch;
    private boolean watching = true;

    Dl4jRegressor(MultiLayerNetwork network, Architecture architecture) {
        this.network = network;
        this.architecture = architecture;
        this.shape = architecture.shape();
        this.outputs = architecture.outputs();
        this.layers = describe(network);
        requireSameOrder(architecture.slots(), layers);
        this.loss = loss(network);
        network.setListeners(gradient);
    }

    /** Parameters are handed on as they lie in memory, so both must agree on where each is. */
    private static void requireSameOrder(List<Architecture.Slot> slots, List<Layer> layers) {
        List<String> ours = slots.stream()
                .map(slot -> slot.name() + " " + slot.offset() + " " + slot.size() + " " + slot.trained())
                .toList();
        List<String> theirs = layers.stream()
                .flatMap(layer -> layer.parameters().stream()
                        .map(one -> layer.name() + "." + one.name() + " " + one.offset() + " " + one.size() + " "
                                + one.trained()))
                .toList();
        if (!ours.equals(theirs)) {
            throw new IllegalStateException("the parameters lie as " + theirs + ", not as " + ours);
        }
    }

    private static RegressionLoss loss(MultiLayerNetwork network) {
        return (RegressionLoss) ((OutputLayer) network.getOutputLayer().conf().getLayer()).getLossFn();
    }

    /** Copies the gradient of the last step before the update rule overwrites it, and clips it if asked to. */
    private final class GradientTap extends BaseTrainingListener {
        private float[] values = new float[0];
        private int count = 1;
        private double clipNorm;

        @Override
        public void onGradientCalculation(Model model) {
            if (!watching && clipNorm == 0) {
                return;
            }
            INDArray flat = ((MultiLayerNetwork) model).getFlattenedGradients();
            values = Buffers.copy(flat);
            if (clipNorm > 0) {
                double squared = 0;
                for (Parameter parameter : trained()) {
                    for (int k = parameter.offset(); k < parameter.offset() + parameter.size(); k++) {
                        double slope = values[k] / (double) count;
                        squared += slope * slope;
                    }
                }
                // Not "if larger": a norm that is no number must not hide behind the comparison.
                if (!(Math.sqrt(squared) <= clipNorm)) {
                    scale(flat, (float) (clipNorm / Math.sqrt(squared)));
                }
            }
        }

        private void scale(INDArray flat, float factor) {
            float[] scaled = values.clone();
            for (Parameter parameter : trained()) {
                for (int k = parameter.offset(); k < parameter.offset() + parameter.size(); k++) {
                    scaled[k] *= factor;
                }
            }
            Buffers.write(flat, scaled);
        }
    }

    /** Parameters that follow a gradient. */
    private List<Parameter> trained() {
        return layers.stream()
                .flatMap(layer -> layer.parameters().stream())
                .filter(Parameter::trained)
                .toList();
    }

    /** Float, but for networks whose numbers are compared. */
    private DataType type() {
        return network.params().dataType();
    }

    @Override
    public PatchShape shape() {
        return shape;
    }

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public float[] predict(float[] patches, int count) {
        ConvBlockLayer.handOn(network.getLayers(), true);
        try {
            return Buffers.copy(Buffers.contiguous(network.output(input(patches, count), false)));
        } finally {
            ConvBlockLayer.handOn(network.getLayers(), false);
        }
    }

    @Override
    public Answer answer(float[] patches, int count) {
        List<INDArray> activations = network.feedForward(input(patches, count), false);
        INDArray outputs = activations.get(activations.size() - 1);
        INDArray hidden = activations.get(activations.size() - 2);
        return new Answer(
                Buffers.copy(Buffers.contiguous(outputs)),
                Buffers.copy(Buffers.contiguous(hidden.reshape('c', count, hidden.length() / count))));
    }

    @Override
    public float[] predictAsInTraining(float[] patches, int count) {
        return Buffers.copy(Buffers.contiguous(network.output(input(patches, count), true)));
    }

    @Override
    public void measure(int count, Supplier<Batch> batches) {
        List<BatchMoments> moments = BatchMoments.of(network);
        if (moments.isEmpty()) {
            return;
        }
        for (int i = 0; i < count; i++) {
            Batch next = batches.get();
            List<INDArray> activations = network.feedForward(input(next.patches(), next.count()), true);
            moments.forEach(layer -> layer.add(activations, next.count()));
        }
        moments.forEach(BatchMoments::write);
    }

    @Override
    public float[] gradient(Batch batch, Loss other) {
        loss.weigh(batch.weights());
        loss.evaluateInstead(other);
        try {
            network.setInput(input(batch.patches(), batch.count()));
            network.setLabels(labels(batch));
            network.computeGradientAndScore();
        } finally {
            loss.evaluateInstead(null);
            // Not clear(), which would forget the state of the update rule, too.
            for (org.deeplearning4j.nn.api.Layer layer : network.getLayers()) {
                layer.clear();
            }
        }
        float[] sums = Buffers.copy(network.getFlattenedGradients());
        float[] slopes = new float[sums.length];
        for (Parameter parameter : trained()) {
            for (int k = parameter.offset(); k < parameter.offset() + parameter.size(); k++) {
                slopes[k] = sums[k] / batch.count();
            }
        }
        return slopes;
    }

    @Override
    public List<Activity> activity(float[] patches, int count) {
        List<INDArray> outputs = network.feedForward(input(patches, count), false);
        List<Activity> activities = new ArrayList<>();
        for (int i = 0; i < network.getnLayers(); i++) {
            org.deeplearning4j.nn.conf.layers.Layer conf =
                    network.getLayer(i).conf().getLayer();
            // The first array is the input.
            INDArray answers = outputs.get(i + 1);
            if (conf instanceof ConvBlock block) {
                activities.add(activity(
                        reported(block, "norm"), answers, block.isChannelsFirstOut() ? 1 : answers.rank() - 1));
            } else if (conf instanceof ChannelPReLU || conf instanceof ActivationLayer) {
                activities.add(activity(conf.getLayerName(), answers, 1));
            }
        }
        return activities;
    }

    /** @param axis of the units */
    private static Activity activity(String layer, INDArray answers, int axis) {
        int units = (int) answers.size(axis);
        int[] others = IntStream.range(0, answers.rank())
                .filter(other -> other != axis)
                .toArray();
        INDArray most = answers.max(others);
        INDArray least = answers.min(others);
        double largest = Math.max(
                Math.abs(answers.maxNumber().doubleValue()),
                Math.abs(answers.minNumber().doubleValue()));
        double limit = Math.max(1e-12, 1e-6 * largest);
        int still = 0;
        for (int unit = 0; unit < units; unit++) {
            // Not "less than": a unit that answers no number says nothing either.
            if (!(most.getDouble(unit) - least.getDouble(unit) >= limit)) {
                still++;
            }
        }
        return new Activity(layer, units, still);
    }

    private INDArray labels(Batch batch) {
        return Nd4j.create(
                        Arrays.copyOf(batch.labels(), batch.count() * outputs),
                        new long[] {batch.count(), outputs},
                        'c')
                .castTo(type());
    }

    @Override
    public StepReport step(Batch batch, double clipNorm) {
        int count = batch.count();
        float[] before = watching ? parameters() : new float[0];
        gradient.count = count;
        gradient.clipNorm = clipNorm;
        loss.weigh(batch.weights());
        network.fit(input(batch.patches(), count), labels(batch));
        double[] gradientNorm = new double[layers.size()];
        double[] updateRatio = new double[layers.size()];
        if (!watching) {
            Arrays.fill(gradientNorm, Double.NaN);
            Arrays.fill(updateRatio, Double.NaN);
            return new StepReport(network.score(), gradientNorm, updateRatio);
        }
        float[] after = parameters();
        for (int i = 0; i < layers.size(); i++) {
            double squaredGradient = 0;
            double squaredWeight = 0;
            double squaredUpdate = 0;
            for (Parameter parameter : layers.get(i).parameters()) {
                if (parameter.trained()) {
                    int end = parameter.offset() + parameter.size();
                    for (int k = parameter.offset(); k < end; k++) {
                        // Deeplearning4j divides by the batch's size when it applies the update rule.
                        double slope = gradient.values[k] / (double) count;
                        double update = after[k] - (double) before[k];
                        squaredGradient += slope * slope;
                        squaredWeight += (double) before[k] * before[k];
                        squaredUpdate += update * update;
                    }
                }
            }
            gradientNorm[i] = Math.sqrt(squaredGradient);
            updateRatio[i] = squaredWeight == 0 ? Double.NaN : Math.sqrt(squaredUpdate / squaredWeight);
        }
        return new StepReport(network.score(), gradientNorm, updateRatio);
    }

    @Override
    public void watch(boolean on) {
        watching = on;
    }

    /** Changes the update rules in place: rebuilding the updater, as Deeplearning4j does it, copies all of its state. */
    @Override
    public void learningRate(double rate) {
        for (org.deeplearning4j.nn.api.Layer layer : network.getLayers()) {
            for (String parameter : layer.paramTable().keySet()) {
                IUpdater rule = layer.getConfig().getUpdaterByParam(parameter);
                if (rule.hasLearningRate()) {
                    rule.setLrAndSchedule(rate, null);
                }
            }
        }
    }

    @Override
    public void seed(long seed) {
        Nd4j.getRandom().setSeed(seed);
    }

    /** The patches as an ND4J array whose memory is used again for the next batch of the same size. */
    private INDArray input(float[] patches, int count) {
        INDArray input = batch;
        if (input == null || input.size(0) != count) {
            input = Nd4j.createUninitialized(type(), new long[] {count, 1, shape.frames(), shape.bands()}, 'c');
            batch = input;
        }
        Buffers.write(input, patches);
        return input;
    }

    @Override
    public List<Layer> layers() {
        return layers;
    }

    @Override
    public float[] parameters() {
        return Buffers.copy(network.params());
    }

    @Override
    public void restore(float[] parameters) {
        architecture.requireSize(parameters);
        Buffers.write(network.params(), parameters);
    }

    @Override
    public Architecture architecture() {
        return architecture;
    }

    @Override
    public OptimizerState optimizerState() {
        SortedMap<String, float[]> moments = new TreeMap<>();
        INDArray state = network.getUpdater().getStateViewArray();
        float[] values = state == null ? new float[0] : Buffers.copy(state);
        for (UpdaterBlock block : blocks()) {
            int size = block.getParamOffsetEnd() - block.getParamOffsetStart();
            for (int k = 0; k < kept(block); k++) {
                float[] moment = moments.computeIfAbsent(MOMENTS.get(k), name -> new float[architecture.size()]);
                System.arraycopy(
                        values,
                        block.getUpdaterViewOffsetStart() + k * size,
                        moment,
                        block.getParamOffsetStart(),
                        size);
            }
        }
        return new OptimizerState(network.getIterationCount(), moments);
    }

    @Override
    public void restore(OptimizerState other) {
        INDArray state = network.getUpdater().getStateViewArray();
        float[] values = new float[state == null ? 0 : (int) state.length()];
        Set<String> used = new TreeSet<>();
        for (UpdaterBlock block : blocks()) {
            int size = block.getParamOffsetEnd() - block.getParamOffsetStart();
            for (int k = 0; k < kept(block); k++) {
                float[] moment = other.moments().get(MOMENTS.get(k));
                if (moment == null) {
                    break;
                }
                architecture.requireSize(moment);
                used.add(MOMENTS.get(k));
                System.arraycopy(
                        moment,
                        block.getParamOffsetStart(),
                        values,
                        block.getUpdaterViewOffsetStart() + k * size,
                        size);
            }
        }
        Set<String> needed = optimizerState().moments().keySet();
        if (!used.equals(needed) || !other.moments().keySet().equals(needed)) {
            throw new IllegalArgumentException("the update rule keeps the moments " + needed + ", not "
                    + other.moments().keySet());
        }
        if (state != null) {
            Buffers.write(state, values);
        }
        network.setIterationCount(Math.toIntExact(other.step()));
    }

    private List<UpdaterBlock> blocks() {
        return ((BaseMultiLayerUpdater<?>) network.getUpdater()).getUpdaterBlocks();
    }

    /** How many numbers the update rule keeps of each parameter of a block. */
    private static int kept(UpdaterBlock block) {
        return (block.getUpdaterViewOffsetEnd() - block.getUpdaterViewOffsetStart())
                / (block.getParamOffsetEnd() - block.getParamOffsetStart());
    }

    /** Writes the network in Deeplearning4j's own layers as Deeplearning4j's own file. */
    void export(OutputStream out) throws IOException {
        MultiLayerNetwork stock = StockNetwork.of(network, shape);
        try {
            ModelSerializer.writeModel(stock, out, false);
        } finally {
            stock.close();
        }
    }

    @Override
    public void close() {
        network.close();
        if (batch != null) {
            batch.close();
        }
    }

    private static List<Layer> describe(MultiLayerNetwork network) {
        List<Layer> layers = new ArrayList<>();
        long origin = network.params().offset();
        for (org.deeplearning4j.nn.api.Layer layer : network.getLayers()) {
            org.deeplearning4j.nn.conf.layers.Layer conf = layer.conf().getLayer();
            List<Parameter> parameters = new ArrayList<>();
            for (Map.Entry<String, INDArray> entry : layer.paramTable().entrySet()) {
                INDArray array = entry.getValue();
                String name = entry.getKey();
                parameters.add(new Parameter(
                        conf instanceof ChannelPReLU ? "alpha" : NAMES.getOrDefault(name, name),
                        Arrays.stream(array.shape()).boxed().toList(),
                        array.ordering(),
                        (int) (array.offset() - origin),
                        initialisation(conf, name, array),
                        !isRunningStatistic(name)));
            }
            parameters.sort(Comparator.comparingInt(Parameter::offset));
            if (conf instanceof ConvBlock block) {
                // Two layers in one: what a convolution does and what follows it are looked at apart.
                layers.add(new Layer(
                        reported(block, "conv"),
                        "3×3 convolution, " + block.getInChannels() + " → " + block.getChannels() + " channels",
                        List.copyOf(parameters.subList(0, 1))));
                layers.add(new Layer(
                        reported(block, "norm"),
                        "batch normalisation, PReLU, 2×" + block.getPoolWidth() + " max pooling",
                        List.copyOf(parameters.subList(1, parameters.size()))));
            } else {
                layers.add(new Layer(conf.getLayerName(), kind(conf), List.copyOf(parameters)));
            }
        }
        return List.copyOf(layers);
    }

    /** The name that one of a block's two layers is reported by. */
    private static String reported(ConvBlock block, String kind) {
        return block.getLayerName().replace(NetworkBuilder.BLOCK, kind);
    }

    private static boolean isRunningStatistic(String parameter) {
        return parameter.equals(BatchNormalizationParamInitializer.GLOBAL_MEAN)
                || parameter.equals(BatchNormalizationParamInitializer.GLOBAL_VAR);
    }

    private static String kind(org.deeplearning4j.nn.conf.layers.Layer conf) {
        if (conf instanceof ConvolutionLayer convolution) {
            return "3×3 convolution, " + convolution.getNIn() + " → " + convolution.getNOut() + " channels";
        }
        if (conf instanceof ChannelPReLU prelu) {
            return "PReLU, one slope for each of " + prelu.getNOut();
        }
        if (conf instanceof FeedForwardLayer dense && !(conf instanceof BatchNormalization)) {
            return "dense, " + dense.getNIn() + " → " + dense.getNOut();
        }
        return switch (conf.getClass().getSimpleName()) {
            case "BatchNormalization" -> "batch normalisation";
            case "SubsamplingLayer" -> "2×2 max pooling";
            case "GlobalPoolingLayer" -> "mean of each map";
            case "DropoutLayer" -> "dropout";
            case "ActivationLayer" -> "activation";
            default -> conf.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        };
    }

    private static String initialisation(org.deeplearning4j.nn.conf.layers.Layer conf, String name, INDArray array) {
        if (conf instanceof ChannelPReLU) {
            return "0.25";
        }
        return switch (name) {
            case "W" -> {
                long fanIn = array.rank() == 4 ? array.size(1) * array.size(2) * array.size(3) : array.size(0);
                double gain = conf instanceof BaseLayer layer && layer.getWeightInitFn() instanceof HeNormal he
                        ? he.gain()
                        : 1;
                yield String.format(
                        Locale.ROOT,
                        "normal, standard deviation %s√(2/%d) = %.4f (He et al. 2015)",
                        gain == 1 ? "" : gain + "·",
                        fanIn,
                        gain * Math.sqrt(2.0 / fanIn));
            }
            case "gamma", "var" -> "1";
            case ConvBlock.ALPHA -> "0.25";
            case ConvBlock.BETA ->
                plain(
                        conf instanceof ConvBlock block
                                ? block.getBeta()
                                : conf instanceof BatchNormalization norm ? norm.getBeta() : 0);
            case "b" ->
                conf instanceof OutputLayer
                        ? "the logit of the training labels' mean, or 0"
                        : plain(conf instanceof BaseLayer layer ? layer.getBiasInit() : 0);
            default -> "0";
        };
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
