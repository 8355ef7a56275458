package melgauge.model.dl4j;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import melgauge.model.diagnosis.Answer;
import melgauge.model.dl4j.kernels.Buffers;
import melgauge.model.dl4j.layers.BatchMoments;
import melgauge.model.dl4j.layers.ChannelPReLU;
import melgauge.model.dl4j.layers.ConvBlock;
import melgauge.model.dl4j.layers.ConvBlockLayer;
import melgauge.model.dl4j.layers.RegressionLoss;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.Architecture.Layer;
import melgauge.model.engine.Architecture.Parameter;
import melgauge.model.engine.Batch;
import melgauge.model.engine.Network;
import melgauge.model.spec.Loss;
import melgauge.model.spec.PatchShape;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
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
public final class Dl4jNetwork implements Network {
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
    private float @Nullable [] averages;
    private float[] before = new float[0];
    private boolean watching = true;

    public Dl4jNetwork(MultiLayerNetwork network, Architecture architecture) {
        this.network = network;
        this.architecture = architecture;
        this.shape = architecture.shape();
        this.outputs = architecture.outputs();
        this.layers = architecture.layers();
        requireSameOrder();
        this.loss = loss(network);
        network.setListeners(gradient);
    }

    /** Weights are handed on as they lie in memory, so the architecture and Deeplearning4j must agree on where each is. */
    private void requireSameOrder() {
        List<String> ours = architecture.slots().stream()
                .map(slot -> slot.name() + " " + slot.offset() + " " + slot.size())
                .toList();
        List<String> theirs = Arrays.stream(network.getLayers())
                .flatMap(layer -> layer.paramTable().entrySet().stream()
                        .map(entry -> Map.entry(
                                entry.getValue().offset() - network.params().offset(),
                                name(layer.conf().getLayer(), entry.getKey()) + " "
                                        + (entry.getValue().offset()
                                                - network.params().offset())
                                        + " " + entry.getValue().length()))
                        .sorted(Map.Entry.comparingByKey())
                        .map(Map.Entry::getValue))
                .toList();
        if (!ours.equals(theirs)) {
            throw new IllegalStateException("the parameters lie as " + theirs + ", not as " + ours);
        }
    }

    /** The name of a parameter in the architecture. */
    private static String name(org.deeplearning4j.nn.conf.layers.Layer conf, String parameter) {
        String name = conf instanceof ChannelPReLU ? "alpha" : NAMES.getOrDefault(parameter, parameter);
        // Two layers in one: a convolution and what follows it.
        return (conf instanceof ConvBlock block
                        ? reported(block, name.equals("weight") ? "conv" : "norm")
                        : conf.getLayerName())
                + "." + name;
    }

    /** The name of one of a block's two layers. */
    private static String reported(ConvBlock block, String kind) {
        return block.getLayerName().replace(NetworkBuilder.BLOCK, kind);
    }

    private static RegressionLoss loss(MultiLayerNetwork network) {
        return (RegressionLoss) ((OutputLayer) network.getOutputLayer().conf().getLayer()).getLossFn();
    }

    /** Measures the gradient of the last step before the update rule overwrites it, and clips it if asked to. */
    private final class GradientTap extends BaseTrainingListener {
        /** Sums of squares of each layer. */
        private double[] squares = new double[0];

        private int count = 1;
        private double clipNorm;

        @Override
        public void onGradientCalculation(Model model) {
            if (!watching && clipNorm == 0) {
                return;
            }
            INDArray flat = ((MultiLayerNetwork) model).getFlattenedGradients();
            double[] total = new double[1];
            squares = new double[layers.size()];
            for (int i = 0; i < squares.length; i++) {
                double[] sum = new double[1];
                for (Parameter parameter : trained(layers.get(i))) {
                    Buffers.read(flat, parameter.offset(), parameter.size(), (values, from, length) -> {
                        double ofLayer = sum[0];
                        double ofAll = total[0];
                        for (int k = 0; k < length; k++) {
                            // Deeplearning4j divides by the batch's size when it applies the update rule.
                            double slope = values[k] / (double) count;
                            ofLayer += slope * slope;
                            ofAll += slope * slope;
                        }
                        sum[0] = ofLayer;
                        total[0] = ofAll;
                    });
                }
                squares[i] = sum[0];
            }
            double norm = Math.sqrt(total[0]);
            // Not "if larger": a norm that is NaN must not hide behind the comparison.
            if (clipNorm > 0 && !(norm <= clipNorm)) {
                scale(flat, (float) (clipNorm / norm));
            }
        }

        private void scale(INDArray flat, float factor) {
            for (Layer layer : layers) {
                for (Parameter parameter : trained(layer)) {
                    Buffers.update(flat, parameter.offset(), parameter.size(), (values, from, length) -> {
                        for (int k = 0; k < length; k++) {
                            values[k] *= factor;
                        }
                    });
                }
            }
        }
    }

    /** Parameters that follow a gradient. */
    private static List<Parameter> trained(Layer layer) {
        return layer.parameters().stream().filter(Parameter::trained).toList();
    }

    /** Float, but for networks whose numbers are compared. */
    private DataType type() {
        return network.params().dataType();
    }

    @Override
    public float[] forward(float[] patches, int count, Mode mode) {
        boolean training = mode == Mode.TRAINING;
        ConvBlockLayer.handOn(network.getLayers(), !training);
        try {
            return Buffers.copy(Buffers.contiguous(network.output(input(patches, count), training)));
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
        for (Layer layer : layers) {
            for (Parameter parameter : trained(layer)) {
                for (int k = parameter.offset(); k < parameter.offset() + parameter.size(); k++) {
                    slopes[k] = sums[k] / batch.count();
                }
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
        if (watching) {
            before = before.length == 0 ? new float[architecture.size()] : before;
            Buffers.read(
                    network.params(),
                    0,
                    before.length,
                    (values, from, length) -> System.arraycopy(values, 0, before, from, length));
        }
        gradient.count = count;
        gradient.clipNorm = clipNorm;
        loss.weigh(batch.weights());
        network.fit(input(batch.patches(), count), labels(batch));
        double[] gradientNorm = new double[layers.size()];
        double[] updateRatio = new double[layers.size()];
        Arrays.fill(gradientNorm, Double.NaN);
        Arrays.fill(updateRatio, Double.NaN);
        for (int i = 0; i < layers.size() && watching; i++) {
            gradientNorm[i] = Math.sqrt(gradient.squares[i]);
            updateRatio[i] = updateRatio(layers.get(i));
        }
        return new StepReport(network.score(), gradientNorm, updateRatio);
    }

    private double updateRatio(Layer layer) {
        double[] squares = new double[2];
        for (Parameter parameter : trained(layer)) {
            Buffers.read(network.params(), parameter.offset(), parameter.size(), (values, from, length) -> {
                double squaredUpdate = squares[0];
                double squaredWeight = squares[1];
                for (int k = 0; k < length; k++) {
                    double weight = before[from + k];
                    double update = values[k] - weight;
                    squaredUpdate += update * update;
                    squaredWeight += weight * weight;
                }
                squares[0] = squaredUpdate;
                squares[1] = squaredWeight;
            });
        }
        return squares[1] == 0 ? Double.NaN : Math.sqrt(squares[0] / squares[1]);
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
    public float[] weights() {
        return Buffers.copy(network.params());
    }

    @Override
    public void load(float[] weights) {
        architecture.requireSize(weights);
        Buffers.write(network.params(), weights);
    }

    @Override
    public void average(float keep) {
        float[] means = averages;
        if (means == null) {
            averages = weights();
            return;
        }
        Buffers.read(network.params(), 0, means.length, (values, from, length) -> {
            for (int k = 0; k < length; k++) {
                means[from + k] = keep * means[from + k] + (1 - keep) * values[k];
            }
        });
    }

    @Override
    public float[] averages() {
        if (averages == null) {
            throw new IllegalStateException("no weights have been averaged");
        }
        return averages.clone();
    }

    @Override
    public void loadAverages(float[] other) {
        architecture.requireSize(other);
        averages = other.clone();
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
    public void load(OptimizerState other) {
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
}
