package melgauge.pipeline.corpora;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import melgauge.data.Scale;

/**
 * Emotify: 400 excerpts of four genres, each heard by 10 to 50 people, who named up to three of nine emotions that they
 * felt strongly. A label is the share of listeners who named the emotion.
 *
 * <p>Source: Aljanaki, Wiering and Veltkamp, "Studying emotion induced by music through a crowdsourcing game", Information
 * Processing and Management 2016, and the description of the data set.
 */
final class Emotify implements PublishedCorpus {
    private static final List<String> EMOTIONS = List.of(
            "amazement",
            "solemnity",
            "tenderness",
            "nostalgia",
            "calmness",
            "power",
            "joyful_activation",
            "tension",
            "sadness");

    /** Files are numbered within their genre, tracks throughout. */
    private static final int TRACKS_OF_A_GENRE = 100;

    @Override
    public String name() {
        return "emotify";
    }

    @Override
    public String description() {
        return "nine emotions felt with 400 excerpts; Aljanaki, Wiering and Veltkamp 2016";
    }

    /** The answers of a track's listeners. */
    private static final class Answers {
        private final int[] felt = new int[EMOTIONS.size()];
        private int listeners;
    }

    @Override
    public CorpusListing read(Path folder) throws IOException {
        CorpusFolder corpus = new CorpusFolder("Emotify", folder);
        Path data = corpus.require("data.csv", "a row for each answer: track id, genre, and a column for each emotion");
        Map<String, Answers> answers = new LinkedHashMap<>();
        Path audio = audio(corpus, folder);
        for (Map<String, String> row : CorpusFolder.table(data, "track id")) {
            String path = path(
                    audio,
                    CorpusFolder.cell(data, row, "genre"),
                    CorpusFolder.id(CorpusFolder.cell(data, row, "track id")));
            Answers track = answers.computeIfAbsent(path, none -> new Answers());
            track.listeners++;
            for (int i = 0; i < EMOTIONS.size(); i++) {
                track.felt[i] += CorpusFolder.id(CorpusFolder.cell(data, row, EMOTIONS.get(i)))
                                .equals("1")
                        ? 1
                        : 0;
            }
        }
        List<CorpusListing.Row> tracks = new ArrayList<>();
        answers.forEach((path, track) -> tracks.add(new CorpusListing.Row(
                path,
                "",
                null,
                Integer.toString(track.listeners),
                IntStream.of(track.felt)
                        .mapToObj(felt -> String.format(Locale.ROOT, "%.5f", felt / (double) track.listeners))
                        .toList(),
                List.of())));
        return new CorpusListing(
                audio,
                EMOTIONS,
                Scale.UNIT,
                tracks,
                List.of(
                        "the layout does not name artists, so one may be on both sides of the split and scores too good; add a"
                                + " column group if you know them"));
    }

    private static Path audio(CorpusFolder corpus, Path folder) {
        return corpus.find("classical")
                .map(genre -> genre.toAbsolutePath().getParent())
                .orElse(folder);
    }

    private static String path(Path audio, String genre, String id) {
        String own = genre + "/" + id + ".mp3";
        if (!id.matches("\\d{1,6}") || Files.exists(audio.resolve(own))) {
            return own;
        }
        return genre + "/" + ((Integer.parseInt(id) - 1) % TRACKS_OF_A_GENRE + 1) + ".mp3";
    }
}
