package melgauge.pipeline.corpora;

import java.nio.file.Path;
import java.util.List;
import melgauge.data.Scale;
import melgauge.data.Subset;
import org.jspecify.annotations.Nullable;

/**
 * The tracks of a published corpus with their labels, as its files have them.
 *
 * @param audio the folder that the tracks' paths start from
 * @param targets what is labelled
 * @param scale of all targets
 * @param tracks in the order of the corpus
 * @param notes sentences on what the user should know of it
 */
public record CorpusListing(Path audio, List<String> targets, Scale scale, List<Row> tracks, List<String> notes) {
    public CorpusListing {
        targets = List.copyOf(targets);
        tracks = List.copyOf(tracks);
        notes = List.copyOf(notes);
    }

    /**
     * A track.
     *
     * @param path of the audio file
     * @param group the artist, who must stay on one side of the split; empty where unknown
     * @param side that the corpus's authors put it on; null where they leave it open
     * @param ratings how many people's answers the labels are means of; empty where unknown
     * @param labels one for each target, as text; empty where there is none
     * @param deviations the standard deviation of the answers for each target; empty if the corpus has none at all
     */
    public record Row(
            String path,
            String group,
            @Nullable Subset side,
            String ratings,
            List<String> labels,
            List<String> deviations) {
        public Row {
            labels = List.copyOf(labels);
            deviations = List.copyOf(deviations);
        }

        Row withoutGroup() {
            return new Row(path, "", side, ratings, labels, deviations);
        }
    }
}
