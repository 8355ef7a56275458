/**
 * Layers and a loss that Deeplearning4j lacks or does slowly. {@link melgauge.model.dl4j.layers.ConvBlock} is a whole block of
 * the default network as one layer, computed by {@code ConvBlockLayer}.
 *
 * <p><b>To add a layer:</b> write its configuration and its runtime class beside {@code ChannelPReLU}, check its gradients in
 * double precision as {@code ConvBlockTest} and {@code ChannelPReLUTest} do, place it in {@code NetworkBuilder}, and give its
 * parameters names and places in {@link melgauge.model.engine.Architecture}.
 */
@NullMarked
package melgauge.model.dl4j.layers;

import org.jspecify.annotations.NullMarked;
