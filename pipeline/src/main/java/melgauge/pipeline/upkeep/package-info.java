/**
 * What is done with a feature cache between runs: {@link melgauge.pipeline.upkeep.CacheUpkeep} measures it, checks it
 * and removes what nothing needs any more. It only ever touches files that bear the names of cache entries.
 *
 * <p><b>To remove more:</b> add a {@link melgauge.pipeline.upkeep.CacheUpkeep.Reason} with the words for the user, and
 * find what it applies to in {@code CacheUpkeep.prune}.
 */
@NullMarked
package melgauge.pipeline.upkeep;

import org.jspecify.annotations.NullMarked;
