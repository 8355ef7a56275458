package melgauge.data;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a manifest.
 *
 * @param path the path as the manifest writes it; names the track in every output
 * @param file where the audio is
 * @param group what must stay on one side of a split (artist, album); the path itself where the manifest names none
 * @param subset the side that the manifest demands; null where it leaves the choice to the split
 * @param targets the labels in the network's [0,1], in the manifest's order of targets; NaN where unlabelled
 */
public record Track(
        String path, Path file, String group, @Nullable Subset subset, List<Double> targets) {
    public Track {
        targets = List.copyOf(targets);
    }

    /** The labels as floats, in the manifest's order of targets; NaN where unlabelled. A new array at each call. */
    public float[] labels() {
        float[] labels = new float[targets.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = targets.get(i).floatValue();
        }
        return labels;
    }
}
