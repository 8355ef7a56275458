/**
 * The way from frames to values: {@link melgauge.model.inference.Inference} cuts frames into patches and sends them through
 * the members of an {@link melgauge.model.inference.Ensemble}.
 */
@NullMarked
package melgauge.model.inference;

import org.jspecify.annotations.NullMarked;
