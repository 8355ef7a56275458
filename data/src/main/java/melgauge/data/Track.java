package melgauge.data;

import java.nio.file.Path;
import java.util.Collections;
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
 * @param noiseVariances the variance of each label about what endlessly many raters would say, in squared units of the
 *     network's [0,1]; NaN where unknown
 * @param failure why there is no usable file, as far as that was known when the manifest was read; null if there is one
 */
public record Track(
        String path,
        Path file,
        String group,
        @Nullable Subset subset,
        List<Double> targets,
        List<Double> noiseVariances,
        @Nullable Failure failure) {
    public Track {
        targets = List.copyOf(targets);
        noiseVariances = List.copyOf(noiseVariances);
        if (noiseVariances.size() != targets.size()) {
            throw new IllegalArgumentException(path + " has " + targets.size() + " labels and " + noiseVariances.size()
                    + " variances; give one for each, NaN where unknown");
        }
    }

    /** A track of which nothing is known to be wrong. */
    public Track(
            String path,
            Path file,
            String group,
            @Nullable Subset subset,
            List<Double> targets,
            List<Double> noiseVariances) {
        this(path, file, group, subset, targets, noiseVariances, null);
    }

    /** A track of whose labels nobody knows how uncertain they are. */
    public Track(String path, Path file, String group, @Nullable Subset subset, List<Double> targets) {
        this(path, file, group, subset, targets, Collections.nCopies(targets.size(), Double.NaN));
    }

    /** Whether at least one target has a label. */
    public boolean isLabelled() {
        return targets.stream().anyMatch(label -> !Double.isNaN(label));
    }

    /**
     * Why the file cannot be used. Where there is none, the manifest's reader may know more, such as what is there in its
     * place.
     *
     * @param now what was met when the file was to be used
     */
    public Failure failure(Failure now) {
        boolean absent = now.code() == Failure.Code.MISSING || now.code() == Failure.Code.NOT_A_FILE;
        return absent && failure != null ? failure : now;
    }

    /** The labels as floats, in the manifest's order of targets; NaN where unlabelled. A new array at each call. */
    public float[] labels() {
        float[] labels = new float[targets.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = targets.get(i).floatValue();
        }
        return labels;
    }

    /** The variances as an array, in the manifest's order of targets; NaN where unknown. A new array at each call. */
    public double[] noise() {
        return noiseVariances.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
