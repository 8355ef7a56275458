/**
 * What computes a network: an {@link melgauge.model.engine.Engine} opens a {@link melgauge.model.engine.Session} on a
 * device, and that a {@link melgauge.model.engine.Network}, whose weights have names and shapes in an
 * {@link melgauge.model.engine.Architecture}. {@link melgauge.model.engine.InitialWeights} are the same for every engine;
 * {@link melgauge.model.engine.Execution} says which one to use, and where.
 *
 * <p><b>To add an engine:</b> implement the three interfaces in a package of its own below {@code melgauge.model} (its
 * framework's only home), name the engine in {@code META-INF/services/melgauge.model.engine.Engine}, and write a test class
 * that extends {@code EngineContract}.
 */
@NullMarked
package melgauge.model.engine;

import org.jspecify.annotations.NullMarked;
