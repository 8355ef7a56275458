package melgauge.pipeline;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import melgauge.data.Manifest;
import melgauge.data.Scale;
import melgauge.data.SplitSpec;
import melgauge.data.UsageException;
import melgauge.features.FeatureSpec;
import melgauge.features.NormalizerKind;
import melgauge.features.PatchSpec;
import melgauge.model.engine.Execution;
import melgauge.model.regression.ModulationShare;
import melgauge.model.spec.NetworkSpec;
import melgauge.model.spec.TrainSpec;
import melgauge.pipeline.decoding.Limits;

/**
 * All settings of a run, checked. {@link RunFile} makes it.
 *
 * @param corpus the tracks and their labels
 * @param features how audio becomes spectrograms
 * @param normalizer what is fitted on the training tracks
 * @param patch what the network reads at once
 * @param network its layers
 * @param training how it is trained
 * @param execution where, which no result depends on
 * @param modulationShare how much of the model's answers is a regression's
 * @param seed of the split, the weights and everything random in training
 * @param decoding what one track may cost
 * @param workers threads that decode; at least 0, which stands for one per core
 * @param cache folder of the spectrograms
 * @param output folder of the run
 */
public record RunSpec(
        Corpus corpus,
        FeatureSpec features,
        NormalizerKind normalizer,
        PatchSpec patch,
        NetworkSpec network,
        TrainSpec training,
        Execution execution,
        ModulationShare modulationShare,
        long seed,
        Limits decoding,
        int workers,
        Path cache,
        Path output) {

    public RunSpec {
        if (workers < 0 || workers > 1024) {
            throw new UsageException("workers=" + workers + " must be from 0 (one per core) to 1024");
        }
    }

    /**
     * The corpus of a run.
     *
     * @param manifest the CSV file
     * @param audio the folder that its paths are relative to
     * @param targets the columns to learn; empty: every numeric column with no other meaning
     * @param split shares, where the manifest demands no side
     * @param scale rating scales of targets that are not in [0,1]
     */
    public record Corpus(Path manifest, Path audio, List<String> targets, SplitSpec split, Map<String, Scale> scale) {
        public Corpus {
            targets = List.copyOf(targets);
            scale = Map.copyOf(scale);
        }

        /** Reads the manifest. */
        public Manifest read() {
            return Manifest.read(manifest, audio, targets, scale);
        }
    }

    /** These settings with another folder. */
    public RunSpec withOutput(Path other) {
        return new RunSpec(
                corpus,
                features,
                normalizer,
                patch,
                network,
                training,
                execution,
                modulationShare,
                seed,
                decoding,
                workers,
                cache,
                other);
    }

    /** These settings for a control with shuffled labels, whose folder is beside the run's. */
    public RunSpec forShuffledLabels() {
        Path name = output.getFileName();
        if (name == null) {
            throw new UsageException(
                    "output=" + output + " has no name, to which -shuffled could be added; choose a folder below it");
        }
        return withOutput(output.resolveSibling(name + "-shuffled"));
    }

    /** These settings with another seed. */
    public RunSpec withSeed(long other) {
        return new RunSpec(
                corpus,
                features,
                normalizer,
                patch,
                network,
                training,
                execution,
                modulationShare,
                other,
                decoding,
                workers,
                cache,
                output);
    }

    /** These settings for one network alone. */
    public RunSpec withSingleNetwork() {
        return new RunSpec(
                corpus,
                features,
                normalizer,
                patch,
                network,
                training.withSingleNetwork(),
                execution,
                modulationShare,
                seed,
                decoding,
                workers,
                cache,
                output);
    }

    /** How many threads decode. */
    public int threads() {
        return workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
    }
}
