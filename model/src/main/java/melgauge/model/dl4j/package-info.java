/**
 * The network in Deeplearning4j and ND4J: the only place where they are used.
 *
 * <p>{@link melgauge.model.dl4j.Dl4jEngine} is what the rest sees. {@link melgauge.model.dl4j.NetworkBuilder} writes the
 * configuration, {@link melgauge.model.dl4j.Dl4jNetwork} runs it. {@link melgauge.model.dl4j.ConvBlock} is a whole block
 * of the default network as one layer, computed by {@code ConvBlockLayer}; {@link melgauge.model.dl4j.LeanConvolution},
 * {@link melgauge.model.dl4j.ChannelPReLU} and {@link melgauge.model.dl4j.RegressionLoss} are further layers and the loss
 * that Deeplearning4j lacks or does slowly.
 *
 * <p><b>To add a layer:</b> write its configuration and its runtime class beside {@code ChannelPReLU}, check its
 * gradients in double precision as {@code ConvBlockTest} and {@code ChannelPReLUTest} do, place it in {@code NetworkBuilder},
 * and give its parameters names and places in {@link melgauge.model.Architecture}.
 */
@NullMarked
package melgauge.model.dl4j;

import org.jspecify.annotations.NullMarked;
