package melgauge.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No column becomes a target, or is left out, without a word. */
class ManifestColumnsTest {
    private static final int ROWS = 20;

    @TempDir
    Path folder;

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("labels.csv"), text);
    }

    private Manifest read(String text, String... targets) throws IOException {
        return Manifest.read(write(text), folder, List.of(targets), Map.of());
    }

    /** Twenty tracks with labels {@code valence}, and a column more. */
    private static String corpus(String name, IntFunction<String> cell) {
        return IntStream.range(0, ROWS)
                .mapToObj(i -> String.format(Locale.ROOT, "%d.mp3,%.2f,%s%n", i, i / 20.0, cell.apply(i)))
                .collect(Collectors.joining("", "path,valence," + name + "\n", ""));
    }

    private String summary(Manifest manifest) {
        return manifest.notes().get(manifest.notes().size() - 1);
    }

    @Test
    void ofTextAndWithoutCellsAreNotLearnt() throws IOException {
        assertThat(summary(read(corpus("genre", i -> "rock"))))
                .isEqualTo("learning valence; not learning: genre (text)");
        assertThat(summary(read(corpus("genre", i -> "NA"))))
                .isEqualTo("learning valence; not learning: genre (empty)");
        assertThat(summary(read("path,title,v,artist\na,x,1,y\n")))
                .isEqualTo("learning v; not learning: title and artist (text)");
    }

    @Test
    void ofWhichNineTenthsAreNumbersAreTargetsAndTheRestIsAnError() {
        assertThatThrownBy(() -> read(corpus("arousal", i -> i == 7 || i == 9 ? "high" : "0.5")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("labels.csv:9: column arousal: \"high\" is not a number")
                .hasMessageContaining("labels.csv:11: column arousal")
                .hasMessageContaining("corpus.targets");
    }

    @Test
    void withFewerNumbersAreNotLearntAndThatIsSaid() throws IOException {
        assertThat(summary(read(corpus("arousal", i -> i < 3 ? "high" : "0.5"))))
                .isEqualTo("learning valence; not learning: arousal (only 17 of 20 filled cells are numbers)");
    }

    @Test
    void thatAreNamedMustBeNumbersHoweverFewAre() {
        assertThatThrownBy(() -> read(corpus("arousal", i -> i < 15 ? "high" : "0.5"), "arousal"))
                .hasMessageContaining("labels.csv:2: column arousal: \"high\" is not a number")
                .hasMessageContaining("and 10 more");
    }

    @Test
    void doNotCountEmptyCellsAsNumbersOrText() throws IOException {
        assertThat(read(corpus("arousal", i -> i < 18 ? "NA" : "0.5")).targets())
                .containsExactly("valence", "arousal");
    }

    @ParameterizedTest
    @ValueSource(strings = {"inf", "-inf", "Infinity", "+INF"})
    void withInfiniteNumbersAreErrors(String cell) {
        assertThatThrownBy(() -> read(corpus("arousal", i -> i == 1 ? cell : "0.5")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("labels.csv:3: column arousal: \"" + cell + "\" is not finite");
    }

    @Test
    void thatSayHowUncertainAnotherIsAreNotTargets() throws IOException {
        Manifest manifest = Manifest.read(
                write(
                        "path,ratings,valence_mean,valence_std,arousal,arousal_std\na,10,5,2,0.5,0.1\nb,10,6,1,0.4,0.1\n"),
                folder,
                List.of(),
                Map.of("valence_mean", new Scale(1, 9)));
        assertThat(manifest.targets()).containsExactly("valence_mean", "arousal");
        assertThat(manifest.noise()).containsExactly(LabelNoise.MEASURED, LabelNoise.MEASURED);
        assertThat(manifest.tracks().get(0).noiseVariances().get(0)).isCloseTo(0.25 * 0.25 / 10, within(1e-12));
        assertThat(summary(manifest))
                .isEqualTo("learning valence_mean and arousal (means of ratings; valence_std and arousal_std are their"
                        + " uncertainty)");
        assertThat(summary(read("path,v_mean,v_std\na,0.5,0.1\n")))
                .isEqualTo("learning v_mean (v_std is its uncertainty, not used without a column ratings)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Unnamed: 0", "index"})
    void thatCountRowsAreIndices(String name) throws IOException {
        Manifest manifest = read(corpus(name, i -> "" + i));
        assertThat(manifest.targets()).containsExactly("valence");
        assertThat(summary(manifest))
                .isEqualTo("learning valence; not learning: " + (name.isEmpty() ? "column 3" : name) + " (an index)");
        assertThat(read("path,v," + name + "\na,0.5,0\nb,0.6,1\n").targets()).containsExactly("v");
    }

    @ParameterizedTest
    @ValueSource(strings = {"song_id", "track_id", "id", "musicId", "SongID", "artist_id"})
    void ofIdsAreNotTargets(String name) throws IOException {
        assertThat(summary(read(corpus(name, i -> "" + (2 + i / 3)))))
                .isEqualTo("learning valence; not learning: " + name + " (an id)");
    }

    @Test
    void ofDistinctWholeNumbersAreTakenForIds() throws IOException {
        assertThat(summary(read(corpus("msd", i -> "" + (i * 7 + 3)))))
                .isEqualTo("learning valence; not learning: msd (whole numbers, all different, like an id)");
    }

    @Test
    void ofYearsAreNotTargets() throws IOException {
        assertThat(summary(read(corpus("year", i -> "" + (1990 + i % 4))))).endsWith("not learning: year (years)");
        assertThat(summary(read(corpus("release_date", i -> "" + (19900101 + i % 4)))))
                .endsWith("(dates)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "valid", "index", "year", "song_id", "mood"})
    void withValuesBetweenZeroAndOneAreAlwaysTargets(String name) throws IOException {
        assertThat(read(corpus(name, i -> "0." + (10 + i))).targets()).containsExactly("valence", name);
        assertThat(read(corpus(name, i -> "" + i % 2)).targets()).containsExactly("valence", name);
    }

    @Test
    void thatAreNamedOrHaveAScaleAreTargetsWhateverTheyLookLike() throws IOException {
        String text = corpus("year", i -> "" + (1990 + i));
        Map<String, Scale> scale = Map.of("year", new Scale(1900, 2100));
        assertThat(Manifest.read(write(text), folder, List.of("year"), scale).targets())
                .containsExactly("year");
        assertThat(Manifest.read(write(text), folder, List.of(), scale).targets())
                .containsExactly("valence", "year");
    }

    @Test
    void thatAreNotNamedAreSaidToBeLeftOut() throws IOException {
        assertThat(summary(read(corpus("arousal", i -> "0.5"), "valence")))
                .isEqualTo("learning valence; not learning: arousal (not in corpus.targets)");
    }

    @Test
    void ofNoUseAtAllAreAnErrorThatSaysWhatEachIs() {
        assertThatThrownBy(() -> read("path,song_id,genre\na,2,rock\nb,3,pop\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("no column of numbers to learn: song_id (an id), genre (text)");
    }

    @Test
    void areSaidInALineThatStaysShort() throws IOException {
        String names = IntStream.range(0, 50).mapToObj(i -> ",tag" + i).collect(Collectors.joining());
        assertThat(summary(read("path" + names + "\na" + ",0.5".repeat(50) + "\n")))
                .isEqualTo("learning 50 targets: tag0, tag1, tag2 and 47 more");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"error", "patches", "status", "code", "durationSeconds", "flags", "start", "end", "fold", "Error"
            })
    void withTheNamesOfColumnsOfResultsAreRefused(String name) {
        assertThatThrownBy(() -> read(corpus(name, i -> "0.5")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("labels.csv:1: " + name + " cannot be learnt under its name")
                .hasMessageContaining("rename the column");
    }

    @Test
    void whoseResultsWouldHaveTheSameNameAreRefused() throws IOException {
        assertThatThrownBy(() -> read("path,v,v_spread\na,0.1,0.2\n"))
                .hasMessageContaining("v_spread cannot be a target");
        assertThatThrownBy(() -> read("path,v,v_true\na,0.1,0.2\n")).hasMessageContaining("v_true cannot be a target");
        assertThatThrownBy(() -> read("path,v,V\na,0.1,0.2\n")).hasMessageContaining("only in case");
        assertThat(read("path,v_spread\na,0.1\n").targets()).containsExactly("v_spread");
        assertThat(read("path,error,v\na,0.1,0.2\n", "v").targets()).containsExactly("v");
    }

    private Manifest score(String text) throws IOException {
        LinkedHashMap<String, Scale> known = new LinkedHashMap<>();
        known.put("valence", new Scale(1, 9));
        known.put("arousal", Scale.UNIT);
        return Manifest.readToScore(write(text), folder, known);
    }

    @Test
    void toScoreAreThoseThatTheModelPredicts() throws IOException {
        Manifest manifest = score("path,tension,arousal,song\na,0.5,0.5,x\nb,0.5,0.6,y\n");
        assertThat(manifest.targets()).containsExactly("arousal");
        assertThat(summary(manifest))
                .isEqualTo("scoring arousal; not scoring: valence (no such column), tension (the model does not predict"
                        + " it)");
        Manifest both = score("path,arousal,valence\na,0.5,5\n");
        assertThat(both.targets()).containsExactly("valence", "arousal");
        assertThat(both.tracks().get(0).targets()).containsExactly(0.5, 0.5);
        assertThat(summary(score("path,arousal,valence\na,,5\n")))
                .isEqualTo("scoring valence; not scoring: arousal (no label)");
    }

    @Test
    void toScoreAreRefusedWithoutNamingKeysOfARun() {
        assertThatThrownBy(() -> score("path,tension\na,0.5\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("has labels for none of the model's targets, valence and arousal")
                .hasMessageContaining("its columns are path, tension");
        assertThatThrownBy(() -> score("path,valence\na,0.5\n"))
                .hasMessageContaining(
                        "labels.csv:2: column valence: 0.5 is outside [1, 9], the scale of the model's target")
                .hasMessageNotContaining("corpus.");
        assertThatThrownBy(() -> score("path,valence\na,x\n")).hasMessageNotContaining("corpus.");
    }
}
