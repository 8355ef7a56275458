package melgauge.model.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.deeplearning4j.nn.weights.WeightInitRelu;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.schedule.FixedSchedule;

/**
 * The names that a configuration of Deeplearning4j may hold: those that this program writes, or wrote in an older version.
 *
 * <p>Deeplearning4j's JSON names classes, under {@code @class}, and Jackson loads a class that is named, and runs its static
 * initialiser, before it asks whether it belongs there. {@code @class} is not the only place: a distribution names its class
 * under {@code type}, and reaches Jackson from a layer that says {@code "weightInit": "DISTRIBUTION"} as older versions of
 * Deeplearning4j did. So a class must be one of these, and so must every key, which leaves no other place to name one.
 *
 * <p>These are the classes and keys of Deeplearning4j 1.0.0-M2.1. What {@link NetworkBuilder} learns to write is added here.
 */
final class KnownNames {
    static final String CLASS = "@class";

    private static final Set<String> CLASSES = Stream.concat(
                    Stream.of(FormerNetwork.NORM),
                    Stream.of(
                                    ConvBlock.class,
                                    ChannelPReLU.class,
                                    LeanConvolution.class,
                                    ActivationLayer.class,
                                    BatchNormalization.class,
                                    ConvolutionLayer.class,
                                    DenseLayer.class,
                                    DropoutLayer.class,
                                    GlobalPoolingLayer.class,
                                    OutputLayer.class,
                                    SubsamplingLayer.class,
                                    CnnToFeedForwardPreProcessor.class,
                                    RegressionLoss.class,
                                    ActivationELU.class,
                                    ActivationIdentity.class,
                                    ActivationLReLU.class,
                                    ActivationReLU.class,
                                    ActivationSigmoid.class,
                                    HeNormal.class,
                                    WeightInitConstant.class,
                                    WeightInitRelu.class,
                                    Adam.class,
                                    Nadam.class,
                                    Nesterovs.class,
                                    Decay.class,
                                    L2Regularization.class,
                                    FixedSchedule.class,
                                    Dropout.class)
                            .map(Class::getName))
            .collect(Collectors.toUnmodifiableSet());

    private static final Set<String> KEYS = Set.of("""
            backpropType cacheMode confs dataType epochCount inferenceWorkspaceMode inputPreProcessors iterationCount
            tbpttBackLength tbpttFwdLength trainingWorkspaceMode validateOutputLayerConfig

            layer maxNumLineSearchIterations miniBatch minimize optimizationAlgo seed stepFunction variables

            format inputHeight inputWidth numChannels

            activationFn avgPoolIncludePadInDivisor beta biasInit biasUpdater channels channelsFirstIn channelsFirstOut
            cnn2DFormat cnn2dDataFormat collapseDimensions constraints convolutionMode cudnnAlgoMode cudnnAllowFallback
            cudnnBwdDataAlgo cudnnBwdFilterAlgo cudnnFwdAlgo decay dilation eps epsilon gainInit gamma
            gradientNormalization gradientNormalizationThreshold hasBias hasLayerNorm idropout inChannels inputShape
            iupdater kernelSize layerName lockGammaBeta lossFn minibatch nin nout padding pnorm poolWidth
            poolingDimensions poolingType regularization regularizationBias sharedAxes stride timeDistributedFormat
            useLogStd weightInitFn weightNoise

            alpha beta1 beta2 decoupled gain helperAllowFallback l2 lambda learningRate loss max momentum negativeSlope p
            pschedule threshold value
            """.trim().split("\\s+"));

    /** What preprocessors are listed by. */
    private static final String LAYER_NUMBER = "\\d{1,3}";

    private static final String NOT_OURS = ", which no network of Melgauge has; models are made by melgauge train";

    private KnownNames() {}

    /**
     * Refuses a configuration that names anything else.
     *
     * @throws IOException naming it
     */
    static void require(JsonNode configuration) throws IOException {
        for (String key : (Iterable<String>) configuration::fieldNames) {
            if (key.equals(CLASS)) {
                JsonNode name = configuration.path(key);
                if (!name.isTextual() || !CLASSES.contains(name.textValue())) {
                    throw new IOException(SavedNetwork.CONFIGURATION + " names the class " + name + NOT_OURS);
                }
            } else if (!KEYS.contains(key) && !key.matches(LAYER_NUMBER)) {
                throw new IOException(SavedNetwork.CONFIGURATION + " has the setting '" + key + "'" + NOT_OURS);
            }
        }
        for (JsonNode child : configuration) {
            require(child);
        }
    }
}
