/**
 * The network: its description, its training, how good it is, and the file that it travels in.
 *
 * <p>{@link melgauge.model.NetworkSpec} and {@link melgauge.model.TrainSpec} hold every setting;
 * an {@link melgauge.model.Engine} builds a {@link melgauge.model.Network} from them;
 * {@link melgauge.model.Trainer} feeds it patches of a {@link melgauge.model.PatchFeed} until the validation loss stops
 * falling; several that were trained answer as one {@link melgauge.model.Committee}, and whatever answers is a
 * {@link melgauge.model.Predictor}; {@link melgauge.model.TrackPredictor} turns patch predictions into track predictions;
 * {@link melgauge.model.Evaluation} scores those beside the mean predictor and {@link melgauge.model.RidgeBaseline};
 * {@link melgauge.model.ModelBundle} keeps everything that tagging needs in one file.
 *
 * <p><b>To add an engine:</b> implement {@link melgauge.model.Engine} in a package of its own below this one (its
 * framework's only home), name the class in {@code META-INF/services/melgauge.model.Engine}, and run
 * {@code RegressorTest} over it.
 */
@NullMarked
package melgauge.model;

import org.jspecify.annotations.NullMarked;
