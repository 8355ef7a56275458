/**
 * What is to be learnt: {@link melgauge.model.task.Target}s, and tracks with their labels,
 * {@link melgauge.model.task.Example}s.
 */
@NullMarked
package melgauge.model.task;

import org.jspecify.annotations.NullMarked;
