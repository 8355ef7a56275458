package melgauge.pipeline.corpora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import melgauge.data.LabelNoise;
import melgauge.data.Manifest;
import melgauge.data.Scale;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.data.UsageException;
import melgauge.pipeline.RunFile;
import melgauge.pipeline.RunSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small imitations of the published layouts, read as a run reads what was written. */
class CorpusWriterTest {
    private static final String SONG_LEVEL = "/song_level/static_annotations_";

    @TempDir
    Path folder;

    private void file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private List<String> notes = List.of();

    private Manifest written(String corpus) throws IOException {
        Path output = folder.resolve("out");
        notes = CorpusWriter.write(PublishedCorpus.named(corpus), folder, output);
        RunSpec spec = RunFile.read(output.resolve("run.yaml"), List.of());
        return spec.corpus().read();
    }

    private static Track track(Manifest manifest, String path) {
        return manifest.tracks().stream()
                .filter(track -> track.path().equals(path))
                .findFirst()
                .orElseThrow();
    }

    private void deam() throws IOException {
        String averaged = "annotations/annotations averaged per song" + SONG_LEVEL + "averaged_songs_";
        String header = "song_id, valence_mean, valence_std, arousal_mean, arousal_std";
        file(averaged + "1_2000.csv", header + "\n2, 3.1, 0.94, 3, 0.63\n1001, 5, 1, 9, 0\n");
        // The second part has more columns.
        file(
                averaged + "2000_2058.csv",
                header + ", valence_max_mean, valence_max_std\n2001, 1.0, 0.5, 7.0, 1.5, 8, 1\n");
        String single = "annotations/annotations per each rater" + SONG_LEVEL + "songs_";
        file(single + "1_2000.csv", "workerID, SongId, Valence, Arousal\na, 2, 3, 3\nb, 2, 4, 3\na, 1001, 5, 9\n");
        file(
                single + "2000_2058.csv",
                "SongId,WorkerId,Arousal_Average,Valence_Average\n2001,a,7,1\n2001,b,7,1\n2001,c,7,1\n");
        file(
                "metadata/metadata_2013.csv",
                "song_id,file_name,Artist,Song title\n2,2.mp3,\tThe New Mystikal Troubadours\t,x\n");
        file(
                "metadata/metadata_2014.csv",
                "Id,Artist,Album,Track,Genre,segment start,segment end,labels\n1001,Beyonc\u00e9,x,y,z,0,45,a,b,c,d\n");
        file("metadata/metadata_2015.csv", "id,Filename,title,artist,album,genre\n2001,2001.mp3,t,Third,n,Rock,Pop\n");
        file("MEMD_audio/2.mp3", "");
    }

    @Test
    void readsDeam() throws IOException {
        deam();
        Manifest manifest = written("deam");
        assertThat(manifest.targets()).containsExactly("valence", "arousal");
        assertThat(manifest.scales()).containsOnly(new Scale(1, 9));
        assertThat(manifest.noise()).containsOnly(LabelNoise.MEASURED);
        assertThat(manifest.tracks()).extracting(Track::path).containsExactly("2.mp3", "1001.mp3", "2001.mp3");
        assertThat(manifest.tracks())
                .extracting(Track::group)
                .containsExactly("The New Mystikal Troubadours", "Beyonc\u00e9", "Third");
        Track first = track(manifest, "2.mp3");
        assertThat(first.file()).isEqualTo(folder.resolve("MEMD_audio/2.mp3"));
        assertThat(first.targets().get(0)).isCloseTo(2.1 / 8, within(1e-12));
        assertThat(first.targets().get(1)).isCloseTo(0.25, within(1e-12));
        assertThat(first.noiseVariances().get(0)).isCloseTo(0.94 * 0.94 / 64 / 2, within(1e-12));
        assertThat(track(manifest, "2001.mp3").noiseVariances().get(1)).isCloseTo(1.5 * 1.5 / 64 / 3, within(1e-12));
        assertThat(notes)
                .contains("2 of 3 audio files are not in " + folder.resolve("MEMD_audio")
                        + "; put them there, or set corpus.audio");
    }

    @Test
    void doesWithoutWhatDeamIsNotUnpackedWithAndSaysSo() throws IOException {
        deam();
        for (String name : List.of("metadata/metadata_2013.csv", "metadata/metadata_2014.csv")) {
            Files.delete(folder.resolve(name));
        }
        file("metadata/metadata_2015.csv", "id,title\n2001,x\n");
        Manifest manifest = written("deam");
        assertThat(manifest.tracks()).extracting(Track::group).containsExactly("2.mp3", "1001.mp3", "2001.mp3");
        assertThat(notes)
                .anyMatch(note -> note.startsWith("metadata/metadata_2013.csv is not there, so the artists"))
                .anyMatch(note -> note.contains("there is no column artist"));
    }

    @Test
    void readsEmoMusicWithItsAuthorsTestSongs() throws IOException {
        file(
                "annotations/static_annotations.csv",
                "song_id,mean_arousal,std_arousal,mean_valence,std_valence\n2,3.1,0.9,3,0.6\n3,5,1,9,0\n4,1,1,1,1\n");
        file("annotations/songs_info.csv", """
                song_id,file_name,Artist,Song title,start of the segment (min.sec),Genre,Mediaeval 2013 set
                2,2.mp3,\tAnn\t,x,1.02,\tBlues\t,development
                3,3.mp3,\tBob\t,y,0.10,\tBlues\t,evaluation
                4,4.mp3,\tBob\t,z,0.10,\tBlues\t,development
                """);
        file("clips_45seconds/2.mp3", "");
        Manifest manifest = written("emomusic");
        assertThat(manifest.targets()).containsExactly("valence", "arousal");
        assertThat(manifest.tracks()).extracting(Track::subset).containsExactly(null, Subset.TEST, null);
        assertThat(manifest.tracks()).extracting(Track::group).containsExactly("Ann", "3.mp3", "4.mp3");
        assertThat(track(manifest, "2.mp3").targets().get(0)).isCloseTo(0.25, within(1e-12));
        assertThat(track(manifest, "2.mp3").targets().get(1)).isCloseTo(2.1 / 8, within(1e-12));
        assertThat(track(manifest, "2.mp3").file()).isEqualTo(folder.resolve("clips_45seconds/2.mp3"));
        assertThat(notes).anyMatch(note -> note.startsWith("1 artists are on both sides of the authors' split"));
    }

    @Test
    void readsEmotifyAsSharesOfListeners() throws IOException {
        file("data.csv", """
                track id, genre, amazement, solemnity, tenderness, nostalgia, calmness, power, joyful_activation, tension, sadness, mood, liked, disliked, age, gender, mother tongue
                1, classical, 0, 1, 0, 0, 0, 0, 1, 1, 0, 3, 1, 0, 21, 1, English
                1, classical, 0, 0, 0, 1, 0, 0, 0, 0, 0, 3, 0, 1, 41, 1, Dutch
                1, classical, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 0, 0, 24, 1, English
                1, classical, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 0, 0, 24, 1, English
                102, rock, 1, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 24, 1, English
                """);
        for (String name : List.of("classical/1.mp3", "rock/2.mp3")) {
            file(name, "");
        }
        Manifest manifest = written("emotify");
        assertThat(manifest.targets())
                .hasSize(9)
                .startsWith("amazement", "solemnity")
                .endsWith("sadness");
        assertThat(manifest.tracks()).extracting(Track::path).containsExactly("classical/1.mp3", "rock/2.mp3");
        assertThat(track(manifest, "classical/1.mp3").targets())
                .containsExactly(0.0, 0.25, 0.0, 0.75, 0.0, 0.0, 0.25, 0.25, 0.5);
        assertThat(manifest.noise()).containsOnly(LabelNoise.AT_MOST);
        assertThat(track(manifest, "classical/1.mp3").noiseVariances().get(3))
                .isCloseTo(0.75 * 0.25 / 3, within(1e-12));
        assertThat(notes)
                .anyMatch(note -> note.contains("does not name artists"))
                .anyMatch(note -> note.startsWith("all 2"));
    }

    private void jamendo() throws IOException {
        String header = "TRACK_ID\tARTIST_ID\tALBUM_ID\tPATH\tDURATION\tTAGS\n";
        String split = "data/splits/split-0/autotagging_moodtheme-";
        file(
                split + "train.tsv",
                header + "track_0917542\tartist_1\talbum_1\t42/917542.mp3\t184.8\tmood/theme---happy\n"
                        + "track_1\tartist_1\talbum_1\t01/1.mp3\t215.3\tmood/theme---slow\tmood/theme---sad\n");
        file(split + "validation.tsv", header + "track_2\tartist_2\talbum_2\t02/2.mp3\t260.0\tmood/theme---sad\n");
        file(split + "test.tsv", header + "track_3\tartist_3\talbum_3\t03/3.mp3\t260.0\tmood/theme---happy\n");
    }

    @Test
    void readsMtgJamendoOnItsAuthorsSplit() throws IOException {
        jamendo();
        file("raw_30s/audio-low/42/917542.low.mp3", "");
        Manifest manifest = written("mtg-jamendo");
        assertThat(manifest.targets()).containsExactly("happy", "sad", "slow");
        assertThat(manifest.tracks())
                .extracting(Track::path)
                .containsExactly("42/917542.low.mp3", "01/1.low.mp3", "02/2.low.mp3", "03/3.low.mp3");
        assertThat(manifest.tracks())
                .extracting(Track::subset)
                .containsExactly(Subset.TRAIN, Subset.TRAIN, Subset.VALIDATION, Subset.TEST);
        assertThat(manifest.tracks())
                .extracting(Track::group)
                .containsExactly("artist_1", "artist_1", "artist_2", "artist_3");
        assertThat(manifest.tracks().get(1).targets()).containsExactly(0.0, 1.0, 1.0);
        assertThat(manifest.tracks().get(0).file()).isEqualTo(folder.resolve("raw_30s/audio-low/42/917542.low.mp3"));
    }

    @Test
    void readsPmEmoOneFolderDeeperThanItIsGiven() throws IOException {
        file(
                "PMEmo2019/annotations/static_annotations.csv",
                "musicId,Arousal(mean),Valence(mean)\n1,0.4,0.575\n4,0.1,0\n");
        file("PMEmo2019/annotations/static_annotations_std.csv", "musicId,Arousal(std),Valence(std)\n1,0.2,0.1\n");
        file(
                "PMEmo2019/metadata.csv",
                "musicId,fileName,title,artist,album,duration\n1,1.mp3,x,Ann,y,30\n4,4.mp3,x,Ann,y,30\n");
        file("PMEmo2019/chorus/1.mp3", "");
        file("PMEmo2019/chorus/4.mp3", "");
        Manifest manifest = written("pmemo");
        assertThat(manifest.targets()).containsExactly("valence", "arousal");
        assertThat(track(manifest, "1.mp3").targets()).containsExactly(0.575, 0.4);
        assertThat(manifest.tracks()).extracting(Track::group).containsOnly("Ann");
        assertThat(Files.readString(folder.resolve("out/labels.csv")))
                .isEqualTo(
                        "path,group,valence,valence_std,arousal,arousal_std\n1.mp3,Ann,0.575,0.1,0.4,0.2\n4.mp3,Ann,0,,0.1,\n");
        assertThat(notes).contains("all 2 audio files are in " + folder.resolve("PMEmo2019/chorus"));
    }

    @ParameterizedTest
    @CsvSource({
        "deam, annotations averaged per song/song_level/static_annotations_averaged_songs_1_2000.csv",
        "emomusic, annotations/static_annotations.csv",
        "emotify, data.csv",
        "mtg-jamendo, data/splits/split-0/autotagging_moodtheme-train.tsv",
        "pmemo, annotations/static_annotations.csv"
    })
    void namesTheFileOfTheLayoutThatIsNotThere(String corpus, String file) {
        assertThatThrownBy(() -> written(corpus))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(file + " is not there")
                .hasMessageContaining("it is the file of the published layout with ");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void doesNotOverwriteAManifest() throws IOException {
        jamendo();
        written("mtg-jamendo");
        assertThatThrownBy(() -> written("mtg-jamendo"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("labels.csv is there already; it is not overwritten");
    }

    @Test
    void namesTheCorporaThatAreKnown() {
        assertThatThrownBy(() -> PublishedCorpus.named("deem"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("did you mean deam?")
                .hasMessageContaining("mtg-jamendo (56 tags");
    }
}
