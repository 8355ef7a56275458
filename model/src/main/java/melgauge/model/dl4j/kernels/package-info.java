/**
 * Convolution, normalisation and pooling in Java for the CPU, on raw memory, several times as fast as ND4J's.
 */
@NullMarked
package melgauge.model.dl4j.kernels;

import org.jspecify.annotations.NullMarked;
