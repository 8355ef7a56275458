/** One stand-in class under a name that Deeplearning4j looks up; see {@link org.nd4j.nativeblas.Nd4jCpu}. */
@NullMarked
package org.nd4j.nativeblas;

import org.jspecify.annotations.NullMarked;
