/**
 * The network in Deeplearning4j and ND4J: the only place where they are used.
 *
 * <p>{@link melgauge.model.dl4j.Dl4jEngine} is what the rest sees. {@code NetworkBuilder} writes the configuration,
 * {@code Dl4jNetwork} runs it; {@code StockNetwork} is the same network in Deeplearning4j's own layers, for export. The
 * packages below are its own: {@code layers}, {@code kernels} and {@code devices}.
 */
@NullMarked
package melgauge.model.dl4j;

import org.jspecify.annotations.NullMarked;
