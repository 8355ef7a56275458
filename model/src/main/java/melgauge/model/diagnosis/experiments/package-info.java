/**
 * {@link melgauge.model.diagnosis.experiments.Experiments} with a finished run: one thing is changed at a time. The class's
 * documentation says how to add one.
 */
@NullMarked
package melgauge.model.diagnosis.experiments;

import org.jspecify.annotations.NullMarked;
