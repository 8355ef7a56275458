package melgauge.model.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import melgauge.model.Loss;
import melgauge.model.PatchShape;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;

/**
 * Goes through a saved configuration layer by layer, as a patch would, before Deeplearning4j makes anything of it: each
 * layer must read what the one before it gives, and be as {@link NetworkBuilder} writes it. What is left to find out is how
 * many numbers the network has, and how many it predicts. Deeplearning4j itself believes what it reads; sizes that overflow
 * lead it to write beyond its arrays.
 */
final class NetworkPlan {
    private static final String PREPROCESSORS = "inputPreProcessors";

    /** 8 blocks of 4 layers, a head, 8 dense ones of 4, and the output are 66. */
    private static final int MOST_LAYERS = 100;

    private static final int MOST_CHANNELS = 4096;
    private static final int MOST_UNITS = 65536;

    private static final String NCHW = quoted("NCHW");
    private static final String TRUE = "true";
    private static final String FALSE = "false";

    /** The layer under way, for errors. */
    private String name = "";

    // What the layers so far give: maps, or units without a place.
    private boolean maps = true;
    private boolean channelsFirst = true;
    private long channels = 1;
    private long height;
    private long width;
    private long units;

    private long parameters;
    private long outputs;

    private NetworkPlan(PatchShape shape) {
        height = shape.frames();
        width = shape.bands();
    }

    /**
     * The plan of a configuration that {@link KnownNames} and {@link FormerNetwork} have passed.
     *
     * @throws IOException naming the layer, and the value that does not fit beside the one that would
     */
    static NetworkPlan of(JsonNode configuration, PatchShape shape) throws IOException {
        NetworkPlan plan = new NetworkPlan(shape);
        JsonNode layers = configuration.path("confs");
        if (layers.isEmpty() || layers.size() > MOST_LAYERS) {
            throw plan.broken("has " + layers.size() + " layers, it must have 1 to " + MOST_LAYERS);
        }
        plan.expect(configuration, "dataType", quoted("FLOAT"), quoted("DOUBLE"));
        JsonNode preprocessors = configuration.path(PREPROCESSORS);
        int preprocessed = 0;
        for (int i = 0; i < layers.size(); i++) {
            JsonNode layer = layers.path(i).path("layer");
            JsonNode name = layer.path("layerName");
            plan.name = "";
            if (!name.isTextual() || !name.textValue().matches("[a-zA-Z]{1,16}\\d{0,2}")) {
                throw plan.broken("layer " + i + " has no name");
            }
            plan.name = name.textValue() + ": ";
            plan.expect(
                    layers.path(i), "dataType", configuration.path("dataType").toString());
            JsonNode preprocessor = preprocessors.path(Integer.toString(i));
            if (!preprocessor.isMissingNode()) {
                plan.flatten(preprocessor);
                preprocessed++;
            }
            if (plan.outputs > 0) {
                throw plan.broken("stands behind the output");
            }
            plan.pass(layer);
        }
        plan.name = "";
        if (plan.outputs == 0 || preprocessed != preprocessors.size()) {
            throw plan.broken("does not end with an output, or prepares the input of a layer that it does not have");
        }
        return plan;
    }

    /** Numbers that the network holds. */
    long parameters() {
        return parameters;
    }

    /** Numbers that it predicts for a patch. */
    long outputs() {
        return outputs;
    }

    private void pass(JsonNode layer) throws IOException {
        String kind = layer.path(KnownNames.CLASS).asText();
        if (kind.equals(ConvBlock.class.getName())) {
            block(layer);
        } else if (kind.equals(ConvolutionLayer.class.getName()) || kind.equals(LeanConvolution.class.getName())) {
            convolution(layer);
        } else if (kind.equals(SubsamplingLayer.class.getName())) {
            pooling(layer);
        } else if (kind.equals(GlobalPoolingLayer.class.getName())) {
            average(layer);
        } else if (kind.equals(BatchNormalization.class.getName())) {
            expect(layer, "lockGammaBeta", FALSE);
            expect(layer, "cnn2DFormat", NCHW);
            expectSameSize(layer);
            parameters += 4 * given();
        } else if (kind.equals(ChannelPReLU.class.getName())) {
            expect(layer, "inputShape", "[" + given() + "]");
            expect(layer, "sharedAxes", "null");
            expectSameSize(layer);
            parameters += given();
        } else if (kind.equals(DenseLayer.class.getName())) {
            expect(layer, "hasLayerNorm", FALSE);
            dense(layer);
        } else if (kind.equals(OutputLayer.class.getName())) {
            expect(layer.path("activationFn"), KnownNames.CLASS, quoted(ActivationSigmoid.class.getName()));
            expect(layer.path("lossFn"), KnownNames.CLASS, quoted(RegressionLoss.class.getName()));
            expect(
                    layer.path("lossFn"),
                    "loss",
                    Stream.of(Loss.values()).map(loss -> quoted(loss.name())).toArray(String[]::new));
            dense(layer);
            outputs = units;
        } else if (!kind.equals(ActivationLayer.class.getName()) && !kind.equals(DropoutLayer.class.getName())) {
            throw broken("is no layer, but " + kind);
        }
    }

    private void block(JsonNode layer) throws IOException {
        requireMaps();
        expect(layer, "channelsFirstIn", Boolean.toString(channelsFirst));
        channelsFirst = expect(layer, "channelsFirstOut", TRUE, FALSE).equals(TRUE);
        expect(layer, "inChannels", channels);
        long out = number(layer, "channels", MOST_CHANNELS);
        parameters += out * (channels * 9 + ConvBlock.NORM_KEYS.size());
        channels = out;
        pooled(2, expect(layer, "poolWidth", "1", "2").equals("2") ? 2 : 1);
    }

    private void convolution(JsonNode layer) throws IOException {
        requireMapsChannelsFirst();
        expect(layer, "nin", channels);
        expect(layer, "kernelSize", "[3,3]");
        expect(layer, "stride", "[1,1]");
        expect(layer, "padding", "[0,0]");
        expect(layer, "dilation", "[1,1]");
        expect(layer, "convolutionMode", quoted("Same"));
        expect(layer, "cnn2dDataFormat", NCHW);
        long out = number(layer, "nout", MOST_CHANNELS);
        parameters += out * (channels * 9 + bias(layer));
        channels = out;
    }

    private void pooling(JsonNode layer) throws IOException {
        requireMapsChannelsFirst();
        String size = expect(layer, "kernelSize", "[2,2]", "[2,1]");
        expect(layer, "stride", size);
        expect(layer, "padding", "[0,0]");
        expect(layer, "dilation", "[1,1]");
        expect(layer, "convolutionMode", quoted("Truncate"));
        expect(layer, "cnn2dDataFormat", NCHW);
        expect(layer, "poolingType", quoted("MAX"));
        pooled(2, size.equals("[2,2]") ? 2 : 1);
    }

    private void pooled(int rows, int columns) throws IOException {
        if (height < rows || width < columns) {
            throw broken(
                    "pools " + rows + " frames and " + columns + " bands, and is given " + height + " and " + width);
        }
        height /= rows;
        width /= columns;
    }

    private void average(JsonNode layer) throws IOException {
        requireMapsChannelsFirst();
        expect(layer, "poolingType", quoted("AVG"));
        expect(layer, "poolingDimensions", "[2,3]");
        expect(layer, "collapseDimensions", TRUE);
        maps = false;
        units = channels;
    }

    private void flatten(JsonNode preprocessor) throws IOException {
        requireMapsChannelsFirst();
        expect(preprocessor, KnownNames.CLASS, quoted(CnnToFeedForwardPreProcessor.class.getName()));
        expect(preprocessor, "format", NCHW);
        expect(preprocessor, "numChannels", channels);
        expect(preprocessor, "inputHeight", height);
        expect(preprocessor, "inputWidth", width);
        maps = false;
        units = channels * height * width;
    }

    private void dense(JsonNode layer) throws IOException {
        if (maps) {
            throw broken("reads units, and is given maps");
        }
        expect(layer, "nin", units);
        long out = number(layer, "nout", MOST_UNITS);
        parameters += out * (units + bias(layer));
        units = out;
    }

    private int bias(JsonNode layer) throws IOException {
        return expect(layer, "hasBias", TRUE, FALSE).equals(TRUE) ? 1 : 0;
    }

    /** Channels or units that the layers so far give. */
    private long given() {
        return maps ? channels : units;
    }

    private void expectSameSize(JsonNode layer) throws IOException {
        if (!channelsFirst) {
            throw broken("reads channels first, and is given them last");
        }
        expect(layer, "nin", given());
        expect(layer, "nout", given());
    }

    private void requireMaps() throws IOException {
        if (!maps) {
            throw broken("reads maps, and is given units");
        }
    }

    private void requireMapsChannelsFirst() throws IOException {
        requireMaps();
        if (!channelsFirst) {
            throw broken("reads channels first, and is given them last");
        }
    }

    private long number(JsonNode layer, String key, int most) throws IOException {
        JsonNode value = layer.path(key);
        if (!value.isInt() || value.intValue() < 1 || value.intValue() > most) {
            throw broken(key + " is " + shown(value) + ", it must be a whole number from 1 to " + most);
        }
        return value.intValue();
    }

    private void expect(JsonNode layer, String key, long value) throws IOException {
        expect(layer, key, Long.toString(value));
    }

    /** A setting, as JSON, if it is one of those that fit. */
    private String expect(JsonNode layer, String key, String... choices) throws IOException {
        String value = layer.path(key).toString();
        if (!List.of(choices).contains(value)) {
            throw broken(key + " is " + shown(layer.path(key)) + ", it must be " + String.join(" or ", choices));
        }
        return value;
    }

    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.isEmpty() ? "missing" : text.length() > 40 ? text.substring(0, 40) + "…" : text;
    }

    private static String quoted(String word) {
        return '"' + word + '"';
    }

    private IOException broken(String how) {
        return new IOException(SavedNetwork.CONFIGURATION + " does not fit together: " + name + how);
    }
}
