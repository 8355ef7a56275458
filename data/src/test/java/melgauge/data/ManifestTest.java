package melgauge.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
    @TempDir
    Path folder;

    private Manifest read(String text, String... targets) throws IOException {
        Path file = Files.writeString(folder.resolve("labels.csv"), text);
        return Manifest.read(file, folder, List.of(targets), Map.of());
    }

    private void fails(String text, String... messages) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(UsageException.class).satisfies(e -> {
            for (String message : messages) {
                assertThat(e).hasMessageContaining(message);
            }
        });
    }

    @Test
    void readsEveryColumnByItsMeaning() throws IOException {
        Manifest manifest = read("""
                path,group,split,genre,ratings,valence,arousal
                a.mp3,Ann,train,rock,12,0.25,1
                b.mp3,,,pop,9,,0.5
                """);
        assertThat(manifest.targets()).containsExactly("valence", "arousal");
        assertThat(manifest.tracks()).hasSize(2);
        Track first = manifest.tracks().get(0);
        assertThat(first.file()).isEqualTo(folder.resolve("a.mp3"));
        assertThat(first.group()).isEqualTo("Ann");
        assertThat(first.subset()).isEqualTo(Subset.TRAIN);
        assertThat(first.targets()).containsExactly(0.25, 1.0);
        Track second = manifest.tracks().get(1);
        assertThat(second.group()).isEqualTo("b.mp3");
        assertThat(second.subset()).isNull();
        assertThat(second.targets()).containsExactly(Double.NaN, 0.5);
    }

    @Test
    void keepsTheOrderInWhichTargetsAreAskedFor() throws IOException {
        assertThat(read("path,a,b\nx,0.1,0.2\n", "b", "a").tracks().get(0).targets())
                .containsExactly(0.2, 0.1);
    }

    @Test
    void mapsARatingScaleToTheUnitInterval() throws IOException {
        Path file = Files.writeString(folder.resolve("labels.csv"), "path,valence\nx,1\ny,5\nz,9\n");
        Manifest manifest = Manifest.read(file, folder, List.of(), Map.of("valence", new Scale(1, 9)));
        assertThat(manifest.tracks())
                .extracting(track -> track.targets().get(0))
                .containsExactly(0.0, 0.5, 1.0);
        assertThat(manifest.scales()).containsExactly(new Scale(1, 9));
    }

    @Test
    void readsQuotesAndAByteOrderMark() throws IOException {
        assertThat(read("\uFEFFpath,v\n\"a, \"\"b\"\".mp3\",0.5\n")
                        .tracks()
                        .get(0)
                        .path())
                .isEqualTo("a, \"b\".mp3");
    }

    @Test
    void namesFileLineColumnAndValueOfALabelOutsideItsScale() {
        fails(
                "path,valence\na.mp3,0.5\n\nb.mp3,1.3\n",
                "labels.csv:4: column valence: 1.3 is outside [0, 1]",
                "corpus.scale");
    }

    @Test
    void findsTheLineBehindAQuotedLineBreak() {
        fails("path,valence\n\"a\nb.mp3\",0.5\nc.mp3,-2\n", "labels.csv:4: column valence: -2");
    }

    @Test
    void findsTheLineWhateverEndsIt() {
        fails("path,v\r\na,0.5\r\n\r\nb,2\r\n", "labels.csv:4: column v");
        fails("path,v\ra,0.5\rb,2\r", "labels.csv:3: column v");
    }

    @Test
    void readsALargeManifest() throws IOException {
        StringBuilder text = new StringBuilder("path,v\n");
        for (int i = 0; i < 50_000; i++) {
            text.append("a/folder/of/music/track").append(i).append(".mp3,0.5\n");
        }
        Manifest manifest = read(text.toString());
        assertThat(manifest.tracks()).hasSize(50_000);
    }

    @Test
    void reportsSeveralProblemsAtOnceAndCountsTheRest() {
        fails("path,v\na,2\nb,2\nc,2\nd,2\ne,2\nf,2\ng,2\n", "labels.csv:2:", "labels.csv:6:", "and 2 more");
    }

    @Test
    void refusesWhatIsDoubtful() {
        fails("", "is empty");
        fails("path,v\n", "no track");
        fails("song,v\na,1\n", "no column path", "the columns are song, v");
        fails("path,v,v\na,1,1\n", "column v is there twice");
        fails("path,v\na,1\na,1\n", "labels.csv:3: names a again, which line 2 has");
        fails("path,v\na,1,1\n", "labels.csv:2: has 3 columns, the header has 2");
        fails("path,v\n,1\n", "labels.csv:2: column path is empty");
        fails("path,split,v\na,tset,1\n", "column split: tset must be train, validation, test");
        fails("path,genre\na,rock\n", "no column of numbers");
    }

    @Test
    void refusesTextAmongTheNumbersOfATarget() {
        assertThatThrownBy(() -> read("path,valence\na,high\n", "valence"))
                .hasMessageContaining("labels.csv:2: column valence: \"high\" is not a number");
        assertThatThrownBy(() -> read("path,valence\na,0x1p-1\n", "valence")).hasMessageContaining("is not a number");
    }

    @Test
    void suggestsTheNearestColumn() {
        assertThatThrownBy(() -> read("path,valence\na,1\n", "valense"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("did you mean valence?");
    }

    @Test
    void saysThatAManifestIsMissing() {
        assertThatThrownBy(() -> Manifest.read(folder.resolve("none.csv"), folder, List.of(), Map.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("none.csv: there is no such manifest");
    }

    private static double variance(Manifest manifest, int track, int target) {
        return manifest.tracks().get(track).noiseVariances().get(target);
    }

    @Test
    void knowsNoNoiseWhereTheNumberOfRatersIsUnknown() throws IOException {
        Manifest manifest = read("path,valence,valence_std\na,0.5,0.1\n");
        assertThat(manifest.targets()).containsExactly("valence");
        assertThat(manifest.noise()).containsExactly(LabelNoise.UNKNOWN);
        assertThat(variance(manifest, 0, 0)).isNaN();
    }

    @Test
    void dividesTheVarianceOfAnswersByTheNumberOfRaters() throws IOException {
        // Answers 1, 4, 5 and 6 on a scale from 1 to 9: in [0,1] these are 0, 3/8, 4/8 and 5/8, whose squared
        // distances from 3/8 sum to 9/64 + 0 + 1/64 + 4/64.
        Path file = Files.writeString(folder.resolve("labels.csv"), """
                path,ratings,valence,valence_std
                a,4,4,2.160246899469287
                b,4,4,
                c,,4,2
                d,1,4,0
                e,4,,2
                """);
        Manifest manifest = Manifest.read(file, folder, List.of(), Map.of("valence", new Scale(1, 9)));
        assertThat(manifest.targets()).containsExactly("valence");
        assertThat(manifest.noise()).containsExactly(LabelNoise.MEASURED);
        assertThat(variance(manifest, 0, 0)).isCloseTo(14.0 / 64 / 3 / 4, within(1e-12));
        assertThat(variance(manifest, 1, 0)).isNaN();
        assertThat(variance(manifest, 2, 0)).isNaN();
        assertThat(variance(manifest, 3, 0)).isNaN();
    }

    @Test
    void boundsTheNoiseByAnswersOfYesAndNoWhereOnlyTheRatersAreCounted() throws IOException {
        Manifest manifest = read("path,ratings,sad,calm,calm_std\na,5,0.4,0.5,0.3\nb,1,1,0,\nc,8,,0,0\n");
        assertThat(manifest.targets()).containsExactly("sad", "calm");
        assertThat(manifest.noise()).containsExactly(LabelNoise.AT_MOST, LabelNoise.MEASURED);
        // Two of five say yes: squared distances from 0.4 sum to 2 · 0.36 + 3 · 0.16.
        assertThat(variance(manifest, 0, 0)).isCloseTo((2 * 0.36 + 3 * 0.16) / 4 / 5, within(1e-12));
        assertThat(variance(manifest, 0, 1)).isCloseTo(0.09 / 5, within(1e-12));
        assertThat(variance(manifest, 1, 0)).isNaN();
        assertThat(variance(manifest, 2, 0)).isNaN();
        assertThat(variance(manifest, 2, 1)).isZero();
        assertThat(manifest.tracks().get(0).noise())
                .containsExactly(variance(manifest, 0, 0), variance(manifest, 0, 1));
    }

    @Test
    void learnsADeviationOnlyWhereItIsAskedForOrStandsAlone() throws IOException {
        assertThat(read("path,a,a_std,b_std\nx,0.1,0.2,0.3\n").targets()).containsExactly("a", "b_std");
        assertThat(read("path,a,a_std\nx,0.1,0.2\n", "a_std").targets()).containsExactly("a_std");
        assertThat(read("path,genre,genre_std\nx,rock,0.2\n").targets()).containsExactly("genre_std");
    }

    @Test
    void refusesRatersAndDeviationsThatCannotBe() {
        fails("path,ratings,v\na,0,0.5\n", "labels.csv:2: column ratings: 0 must be a whole number of raters");
        fails("path,ratings,v\na,2.5,0.5\n", "labels.csv:2: column ratings: 2.5");
        fails("path,ratings,v\na,many,0.5\n", "labels.csv:2: column ratings: many");
        fails("path,v,v_std\na,0.5,-0.1\n", "labels.csv:2: column v_std: -0.1 must be a standard deviation", "[0, 1]");
        fails("path,v,v_std\na,0.5,1.2\n", "labels.csv:2: column v_std: 1.2", "from 0 to at most 1");
    }
}
