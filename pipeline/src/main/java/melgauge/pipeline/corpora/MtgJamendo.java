package melgauge.pipeline.corpora;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import melgauge.data.Scale;
import melgauge.data.Subset;

/**
 * MTG-Jamendo, moods and themes: 17,982 songs with 56 tags of those who uploaded them. A label is 1 if the song has the
 * tag. The sides are those of the authors' first split.
 *
 * <p>Source: Bogdanov, Won, Tovstogan, Porter and Serra, "The MTG-Jamendo dataset for automatic music tagging", ICML 2019,
 * and github.com/MTG/mtg-jamendo-dataset.
 */
final class MtgJamendo implements PublishedCorpus {
    private static final String SPLIT = "data/splits/split-0/autotagging_moodtheme-";
    private static final String PREFIX = "mood/theme---";

    @Override
    public String name() {
        return "mtg-jamendo";
    }

    @Override
    public String description() {
        return "56 tags of moods and themes for 17,982 songs; Bogdanov and others 2019";
    }

    private record Song(String path, String artist, Subset side, Set<String> tags) {}

    @Override
    public CorpusListing read(Path folder) throws IOException {
        CorpusFolder corpus = new CorpusFolder("MTG-Jamendo", folder);
        List<Song> songs = new ArrayList<>();
        for (Subset side : Subset.values()) {
            Path file =
                    corpus.require(SPLIT + side.word() + ".tsv", "TRACK_ID, ARTIST_ID, ALBUM_ID, PATH, DURATION, TAGS");
            CorpusFolder.each(file, "TAGS", (header, cells) -> {
                Set<String> tags = new TreeSet<>();
                for (int i = header.indexOf("TAGS"); i < cells.size(); i++) {
                    tags.add(cells.get(i).replace(PREFIX, ""));
                }
                tags.remove("");
                songs.add(new Song(
                        cells.get(header.indexOf("PATH")), cells.get(header.indexOf("ARTIST_ID")), side, tags));
            });
        }
        Set<String> all = new TreeSet<>();
        songs.forEach(song -> all.addAll(song.tags()));
        Optional<Audio> audio = audio(corpus, folder, songs);
        String ending = audio.map(Audio::ending).orElse(".mp3");
        List<CorpusListing.Row> tracks = new ArrayList<>();
        for (Song song : songs) {
            tracks.add(new CorpusListing.Row(
                    song.path().replaceFirst("\\.mp3$", ending),
                    song.artist(),
                    song.side(),
                    "",
                    all.stream()
                            .map(tag -> song.tags().contains(tag) ? "1" : "0")
                            .toList(),
                    List.of()));
        }
        return new CorpusListing(
                audio.map(Audio::folder).orElse(folder.resolve("audio")),
                List.copyOf(all),
                Scale.UNIT,
                tracks,
                List.of());
    }

    private record Audio(Path folder, String ending) {}

    /** Where the archives were unpacked, in full or in low quality: the first place with one of the first songs. */
    private static Optional<Audio> audio(CorpusFolder corpus, Path folder, List<Song> songs) {
        List<Path> places = Stream.concat(
                        Stream.of(folder),
                        Stream.of(
                                        "audio",
                                        "audio-low",
                                        "raw_30s/audio",
                                        "autotagging_moodtheme/audio",
                                        "raw_30s/audio-low")
                                .map(corpus::find)
                                .flatMap(Optional::stream))
                .toList();
        return songs.stream()
                .limit(1000)
                .flatMap(song -> places.stream()
                        .flatMap(place -> Stream.of(".mp3", ".low.mp3")
                                .filter(ending ->
                                        Files.exists(place.resolve(song.path().replaceFirst("\\.mp3$", ending))))
                                .map(ending -> new Audio(place, ending))))
                .findFirst();
    }
}
