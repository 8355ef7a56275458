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
 * DEAM: 1,802 excerpts and songs, valence and arousal of the whole rated by about ten people each from 1 to 9.
 *
 * <p>Source: Aljanaki, Yang and Soleymani, "Developing a benchmark for emotional analysis of music", PLOS ONE 2017, and
 * the manual of the data set.
 */
final class Deam implements PublishedCorpus {
    private static final List<String> PARTS = List.of("1_2000", "2000_2058");
    private static final String AVERAGED =
            "annotations/annotations averaged per song/song_level/static_annotations_averaged_songs_";
    private static final String PER_RATER =
            "annotations/annotations per each rater/song_level/static_annotations_songs_";

    @Override
    public String name() {
        return "deam";
    }

    @Override
    public String description() {
        return "valence and arousal of 1,802 excerpts, rated from 1 to 9; Aljanaki, Yang and Soleymani 2017";
    }

    @Override
    public CorpusListing read(Path folder) throws IOException {
        CorpusFolder corpus = new CorpusFolder("DEAM", folder);
        List<String> notes = new ArrayList<>();
        Map<String, String> artists = new HashMap<>();
        corpus.artists("metadata/metadata_2013.csv", "song_id", "Artist", artists, notes);
        corpus.artists("metadata/metadata_2014.csv", "Id", "Artist", artists, notes);
        corpus.artists("metadata/metadata_2015.csv", "id", "artist", artists, notes);
        Map<String, Integer> ratings = ratings(corpus, notes);
        List<CorpusListing.Row> tracks = new ArrayList<>();
        for (String part : PARTS) {
            Path file = corpus.require(
                    AVERAGED + part + ".csv", "song_id, valence_mean, valence_std, arousal_mean, arousal_std");
            for (Map<String, String> row : CorpusFolder.table(file, "song_id")) {
                String id = CorpusFolder.id(CorpusFolder.cell(file, row, "song_id"));
                Integer raters = ratings.get(id);
                tracks.add(new CorpusListing.Row(
                        id + ".mp3",
                        artists.getOrDefault(id, ""),
                        null,
                        raters == null ? "" : raters.toString(),
                        List.of(
                                CorpusFolder.cell(file, row, "valence_mean"),
                                CorpusFolder.cell(file, row, "arousal_mean")),
                        List.of(
                                CorpusFolder.cell(file, row, "valence_std"),
                                CorpusFolder.cell(file, row, "arousal_std"))));
            }
        }
        return new CorpusListing(
                corpus.audio("MEMD_audio"), List.of("valence", "arousal"), new Scale(1, 9), tracks, notes);
    }

    /** How many people rated each song: the rows that it has in the tables of single answers. */
    private static Map<String, Integer> ratings(CorpusFolder corpus, List<String> notes) throws IOException {
        Map<String, Integer> ratings = new HashMap<>();
        for (String part : PARTS) {
            Optional<Path> file = corpus.find(PER_RATER + part + ".csv");
            if (file.isEmpty()) {
                notes.add(PER_RATER + part + ".csv is not there, so how many people rated its songs is unknown");
                continue;
            }
            for (Map<String, String> row : CorpusFolder.table(file.get(), "SongId")) {
                ratings.merge(CorpusFolder.id(CorpusFolder.cell(file.get(), row, "SongId")), 1, Integer::sum);
            }
        }
        return ratings;
    }
}
