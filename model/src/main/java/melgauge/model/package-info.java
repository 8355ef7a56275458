/**
 * Models: {@link melgauge.model.Model} opens one for Java programs, {@link melgauge.model.ModelBundle} is the file that holds
 * everything that tagging needs.
 *
 * <p>Below, each package uses only those before it in this list: {@code task}, {@code spec}, {@code scores},
 * {@code engine}, {@code regression}, {@code inference}, {@code training}; then the engines ({@code dl4j}) and
 * {@code diagnosis}.
 */
@NullMarked
package melgauge.model;

import org.jspecify.annotations.NullMarked;
