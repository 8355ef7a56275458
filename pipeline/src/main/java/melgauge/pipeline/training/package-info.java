/** The door for Java programs that train: {@link melgauge.pipeline.training.Training}. */
@NullMarked
package melgauge.pipeline.training;

import org.jspecify.annotations.NullMarked;
