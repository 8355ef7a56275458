/**
 * Which device ND4J computes on: chosen once per process, before its first native call.
 */
@NullMarked
package melgauge.model.dl4j.devices;

import org.jspecify.annotations.NullMarked;
