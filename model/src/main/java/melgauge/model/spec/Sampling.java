package melgauge.model.spec;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import melgauge.features.PatchSpec;
import melgauge.model.task.Example;

/** Which patches an epoch sees. Their order is random. */
public enum Sampling {
    /** One of every track, at a random place. */
    @JsonProperty("random")
    RANDOM {
        @Override
        public long patches(List<Example> tracks, PatchSpec patch) {
            return tracks.size();
        }
    },
    /** All patches of every track, side by side as they are cut for predicting. */
    @JsonProperty("all")
    ALL {
        @Override
        public long patches(List<Example> tracks, PatchSpec patch) {
            return tracks.stream()
                    .mapToLong(track -> patch.count(track.frames().frames()))
                    .sum();
        }
    };

    /** How many patches an epoch of these tracks sees. */
    public abstract long patches(List<Example> tracks, PatchSpec patch);
}
