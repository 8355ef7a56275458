package melgauge.pipeline.corpora;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import melgauge.data.Scale;
import melgauge.data.Subset;

/**
 * emoMusic ("1000 songs"): 744 excerpts of 45 s, valence and arousal of the whole rated by at least ten people each from 1
 * to 9. Its authors' evaluation set is the test side.
 *
 * <p>Source: Soleymani, Caro, Schmidt, Sha and Yang, "1000 songs for emotional analysis of music", CrowdMM 2013, and the
 * manual of the data set.
 */
final class EmoMusic implements PublishedCorpus {
    @Override
    public String name() {
        return "emomusic";
    }

    @Override
    public String description() {
        return "valence and arousal of 744 excerpts, rated from 1 to 9; Soleymani and others 2013";
    }

    @Override
    public CorpusListing read(Path folder) throws IOException {
        CorpusFolder corpus = new CorpusFolder("emoMusic", folder);
        Path annotations = corpus.find("static_annotations.csv")
                .orElseGet(() -> corpus.require(
                        "annotations/static_annotations.csv",
                        "song_id, mean_arousal, std_arousal, mean_valence, std_valence"));
        Path songs = corpus.find("songs_info.csv")
                .orElseGet(() -> corpus.require(
                        "annotations/songs_info.csv", "song_id, Artist, and Mediaeval 2013 set, the split"));
        Map<String, Map<String, String>> infos = new HashMap<>();
        for (Map<String, String> row : CorpusFolder.table(songs, "song_id")) {
            infos.put(CorpusFolder.id(CorpusFolder.cell(songs, row, "song_id")), row);
        }
        List<CorpusListing.Row> tracks = new ArrayList<>();
        for (Map<String, String> row : CorpusFolder.table(annotations, "song_id")) {
            String id = CorpusFolder.id(CorpusFolder.cell(annotations, row, "song_id"));
            Map<String, String> info = infos.getOrDefault(id, Map.of());
            tracks.add(new CorpusListing.Row(
                    id + ".mp3",
                    info.getOrDefault("Artist", ""),
                    info.getOrDefault("Mediaeval 2013 set", "").equals("evaluation") ? Subset.TEST : null,
                    "",
                    List.of(
                            CorpusFolder.cell(annotations, row, "mean_valence"),
                            CorpusFolder.cell(annotations, row, "mean_arousal")),
                    List.of(
                            CorpusFolder.cell(annotations, row, "std_valence"),
                            CorpusFolder.cell(annotations, row, "std_arousal"))));
        }
        return new CorpusListing(
                corpus.audio("clips_45seconds", "clips_45sec", "clips"),
                List.of("valence", "arousal"),
                new Scale(1, 9),
                tracks,
                List.of());
    }
}
