package melgauge.pipeline.corpora;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import melgauge.data.Scale;

/**
 * PMEmo: choruses of 794 pop songs, of which 767 have valence and arousal of the whole in [0,1].
 *
 * <p>Source: Zhang, Zhang, Yang, Sun, Yang and Zhang, "The PMEmo dataset for music emotion recognition", ICMR 2018, and
 * github.com/HuiZhangDB/PMEmo.
 */
final class PmEmo implements PublishedCorpus {
    private static final String DEVIATIONS = "annotations/static_annotations_std.csv";

    @Override
    public String name() {
        return "pmemo";
    }

    @Override
    public String description() {
        return "valence and arousal of 767 choruses of pop songs; Zhang and others 2018";
    }

    @Override
    public CorpusListing read(Path folder) throws IOException {
        CorpusFolder corpus = new CorpusFolder("PMEmo", folder);
        Path annotations =
                corpus.require("annotations/static_annotations.csv", "musicId, Arousal(mean), Valence(mean)");
        List<String> notes = new ArrayList<>();
        Map<String, String> artists = new HashMap<>();
        corpus.artists("metadata.csv", "musicId", "artist", artists, notes);
        Map<String, List<String>> deviations = deviations(corpus, notes);
        List<CorpusListing.Row> tracks = new ArrayList<>();
        for (Map<String, String> row : CorpusFolder.table(annotations, "musicId")) {
            String id = CorpusFolder.id(CorpusFolder.cell(annotations, row, "musicId"));
            tracks.add(new CorpusListing.Row(
                    id + ".mp3",
                    artists.getOrDefault(id, ""),
                    null,
                    "",
                    List.of(
                            CorpusFolder.cell(annotations, row, "Valence(mean)"),
                            CorpusFolder.cell(annotations, row, "Arousal(mean)")),
                    deviations.isEmpty() ? List.of() : deviations.getOrDefault(id, List.of("", ""))));
        }
        return new CorpusListing(corpus.audio("chorus"), List.of("valence", "arousal"), Scale.UNIT, tracks, notes);
    }

    private static Map<String, List<String>> deviations(CorpusFolder corpus, List<String> notes) throws IOException {
        Map<String, List<String>> deviations = new HashMap<>();
        Optional<Path> file = corpus.find(DEVIATIONS);
        if (file.isEmpty()) {
            notes.add(DEVIATIONS + " is not there, so how far raters differ is unknown");
            return deviations;
        }
        for (Map<String, String> row : CorpusFolder.table(file.get(), "musicId")) {
            deviations.put(
                    CorpusFolder.id(CorpusFolder.cell(file.get(), row, "musicId")),
                    List.of(
                            CorpusFolder.cell(file.get(), row, "Valence(std)"),
                            CorpusFolder.cell(file.get(), row, "Arousal(std)")));
        }
        return deviations;
    }
}
