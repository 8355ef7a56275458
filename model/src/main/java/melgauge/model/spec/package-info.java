/**
 * All settings that a network and its training depend on: {@link melgauge.model.spec.NetworkSpec} and
 * {@link melgauge.model.spec.TrainSpec}, with the words that they are written in. No setting here says where to compute.
 *
 * <p><b>To add a setting:</b> add a component to the record that it belongs to, and say there what may stand in it.
 */
@NullMarked
package melgauge.model.spec;

import org.jspecify.annotations.NullMarked;
