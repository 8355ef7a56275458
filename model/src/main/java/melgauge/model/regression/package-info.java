/**
 * Regressions beside the network: the classical baseline, {@link melgauge.model.regression.RidgeBaseline}, and the
 * {@link melgauge.model.regression.ModulationRegression}, which answers together with the networks.
 */
@NullMarked
package melgauge.model.regression;

import org.jspecify.annotations.NullMarked;
