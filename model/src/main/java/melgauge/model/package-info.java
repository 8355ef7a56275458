/**
 * The network: its description, its training, how good it is, and the file that it travels in.
 *
 * <p>{@link melgauge.model.NetworkSpec} and {@link melgauge.model.TrainSpec} hold all settings that a result depends on, {@link
 * melgauge.model.Execution} those that it does not. An {@link melgauge.model.Engine} opens a {@link melgauge.model.Session} on a
 * device, and that a {@link melgauge.model.Network} with the {@link melgauge.model.InitialWeights} of a seed. {@link
 * melgauge.model.Trainer} feeds it patches of a {@link melgauge.model.PatchFeed} until the validation loss stops falling.
 * Networks that were trained, and a regression of the whole track, are members of an {@link melgauge.model.Ensemble}; {@link
 * melgauge.model.Inference} is the way from frames to its values. {@link melgauge.model.Evaluation} scores those beside the
 * mean predictor and {@link melgauge.model.RidgeBaseline}. {@link melgauge.model.ModelBundle} keeps everything that tagging
 * needs in one file, and {@link melgauge.model.Model} opens that for Java programs.
 *
 * <p><b>To add an engine:</b> implement {@link melgauge.model.Engine}, {@link melgauge.model.Session} and {@link
 * melgauge.model.Network} in a package of its own below this one (its framework's only home), name the engine in {@code
 * META-INF/services/melgauge.model.Engine}, and write a test class that extends {@code EngineContract}.
 */
@NullMarked
package melgauge.model;

import org.jspecify.annotations.NullMarked;
