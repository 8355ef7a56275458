package melgauge.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Set;
import melgauge.data.Downmix;
import melgauge.data.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MelSpecTest {
    /** The digest is sha256sum's of the line: a change of either would orphan every cache and every model. */
    @Test
    void keepsTheIdentityOfTheDefaults() {
        assertThat(MelSpec.defaults().canonicalJson())
                .isEqualTo("{\"kind\":\"mel\",\"sampleRate\":16000,\"nFft\":1024,\"winLength\":1024,\"hopLength\":256,"
                        + "\"window\":\"hann\",\"center\":true,\"padMode\":\"constant\",\"nMels\":96,\"fMin\":0.0,"
                        + "\"fMax\":8000.0,\"melScale\":\"slaney\",\"norm\":\"slaney\",\"power\":2.0,"
                        + "\"compression\":\"log10\",\"storage\":\"float16\"}");
        assertThat(MelSpec.defaults().id())
                .isEqualTo("d0ec6df4eb40dfa310208dfb0c9db9a4268efdff1b5999c214c60a8755e74bb4");
    }

    @Test
    void readsItsOwnJson() throws Exception {
        MelSpec spec = Specs.with("melScale", "htk", "norm", "none", "center", false, "fMin", 27.5);
        assertThat(Specs.JSON.readValue(spec.canonicalJson(), FeatureSpec.class))
                .isEqualTo(spec);
        assertThat(Specs.JSON.readValue(Specs.JSON.writeValueAsString(spec), FeatureSpec.class))
                .isEqualTo(spec);
    }

    @Test
    void everySettingChangesTheIdentity() {
        FeatureSpec[] specs = {
            MelSpec.defaults(),
            Specs.with("sampleRate", 22050),
            Specs.with("nFft", 2048),
            Specs.with("winLength", 512),
            Specs.with("hopLength", 128),
            Specs.with("center", false),
            Specs.with("padMode", "reflect"),
            Specs.with("nMels", 64),
            Specs.with("fMin", 30),
            Specs.with("fMax", 7000),
            Specs.with("melScale", "htk"),
            Specs.with("norm", "none"),
            Specs.with("power", 1),
            Specs.with("compression", "decibel"),
            Specs.with("storage", "float32"),
            Specs.with("downmix", "left"),
            Specs.with("downmix", "right")
        };
        Set<String> ids = new HashSet<>();
        for (FeatureSpec spec : specs) {
            assertThat(ids.add(spec.id())).as(spec.toString()).isTrue();
            assertThat(MelSpec.defaults().differences(spec)).hasSize(spec.equals(MelSpec.defaults()) ? 0 : 1);
        }
    }

    /** Settings of other kinds change no number, so they are no part of a spec: nor of the identities of old ones. */
    @Test
    void aKindHasItsOwnSettingsOnly() {
        assertThat(Specs.<FeatureSpec>with("nMfcc", 5, "binsPerOctave", 24, "nChroma", 24))
                .isEqualTo(MelSpec.defaults());
        assertThat(Specs.<FeatureSpec>with("kind", "mfcc").canonicalJson())
                .contains("\"nMfcc\":20")
                .doesNotContain("nChroma");
        assertThat(Specs.<FeatureSpec>with("kind", "chroma").canonicalJson())
                .contains("\"nChroma\":12", "\"compression\":\"none\"")
                .doesNotContain("binsPerOctave");
        assertThat(Specs.<FeatureSpec>with("kind", "constantq", "fMin", 55).canonicalJson())
                .contains("\"binsPerOctave\":12")
                .doesNotContain("nMfcc");
        assertThat(Specs.<FeatureSpec>with("kind", "onset", "nMfcc", 5)).isEqualTo(Specs.with("kind", "onset"));
    }

    /** Recorded when one record held the settings of all kinds. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "mel, 0.0, d0ec6df4eb40dfa310208dfb0c9db9a4268efdff1b5999c214c60a8755e74bb4",
        "mfcc, 0.0, f41754a9d7b440aabd02f683b11275f8d779b803ed07cc9f74130f4248eeabdb",
        "constantq, 32.7, 82d85ef09e7ca92c70e0c01547f518bb9683243ca53df43e80532097c021f2d7",
        "chroma, 0.0, 6dce5548a00ad77b1b962b4d7199ad31a698decde77504035cf720e49098f3c9",
        "onset, 0.0, f589a0fa94eefd7086ee20cf0b5aeab7843c9a4a57849e081104f464d1c62242"
    })
    void everyKindKeepsItsIdentity(String kind, double fMin, String id) throws Exception {
        FeatureSpec spec = Specs.with("kind", kind, "fMin", fMin);
        assertThat(spec.id()).isEqualTo(id);
        assertThat(Specs.JSON.readValue(spec.canonicalJson(), FeatureSpec.class))
                .isEqualTo(spec);
    }

    @Test
    void settingsThatAKindDoesNotReadAreNoPartOfIt() {
        assertThat(Specs.<FeatureSpec>with("kind", "constantq", "fMin", 55, "nMels", 64, "nFft", 2048))
                .isEqualTo(Specs.with("kind", "constantq", "fMin", 55));
        assertThat(Specs.<FeatureSpec>with("kind", "chroma", "nMels", 64, "fMax", 4000, "melScale", "htk"))
                .isEqualTo(Specs.with("kind", "chroma"));
    }

    @Test
    void refusesAKeyThatNoKindHas() {
        assertThatThrownBy(() -> Specs.JSON.readValue("{\"kind\":\"mel\",\"hopSize\":3}", FeatureSpec.class))
                .hasMessageContaining("hopSize");
    }

    @Test
    void compressionDoesNotApplyToChroma() {
        assertThat(Specs.<FeatureSpec>with("kind", "chroma", "compression", "decibel")
                        .id())
                .isEqualTo(Specs.with("kind", "chroma", "compression", "log10").id());
        assertThatThrownBy(() -> Specs.with("kind", "chroma", "compression", "decibel", "topDb", 80))
                .isInstanceOf(UsageException.class)
                .hasMessage("topDb=80.0 must be left away with kind=chroma, which has no decibels");
        assertThatThrownBy(() -> Specs.with("kind", "chroma", "compression", "decibel", "ref", "max"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("ref=max must be left away");
    }

    @ParameterizedTest(name = "{0}: {1}={2}")
    @CsvSource({
        "mfcc, nMfcc, 0, lie between 1 and nMels=96",
        "mfcc, nMfcc, 97, lie between 1 and nMels=96",
        "chroma, nChroma, 0, lie between 1 and 96",
        "chroma, nChroma, 97, lie between 1 and 96"
    })
    void refusesABadCount(String kind, String name, int value, String rule) {
        assertThatThrownBy(() -> Specs.with("kind", kind, name, value))
                .isInstanceOf(UsageException.class)
                .hasMessage(name + "=" + value + " must " + rule);
    }

    @Test
    void aConstantQTransformHasFramesOfItsOwnLength() {
        FeatureSpec spec = Specs.with("kind", "constantq", "fMin", 55, "center", false);
        // Q is 16.8, so that the longest kernel has 4,892 samples.
        assertThat(spec.frames(8191)).isZero();
        assertThat(spec.frames(8192 + 256)).isEqualTo(2);
        assertThat(Specs.<FeatureSpec>with("kind", "constantq", "fMin", 55).frames(16000))
                .isEqualTo(63);
    }

    @Test
    void negativeZeroIsZero() {
        assertThat(Specs.<FeatureSpec>with("fMin", -0.0).id())
                .isEqualTo(MelSpec.defaults().id());
        assertThat(Specs.<FeatureSpec>with("fMin", -0.0)).isEqualTo(MelSpec.defaults());
    }

    @Test
    void theDefaultDownmixIsNotWrittenDown() {
        assertThat(Specs.<FeatureSpec>with("downmix", "mean")).isEqualTo(MelSpec.defaults());
        assertThat(MelSpec.defaults().mixing()).isEqualTo(Downmix.MEAN);
        assertThat(Specs.<FeatureSpec>with("downmix", "left").canonicalJson()).endsWith(",\"downmix\":\"left\"}");
        assertThat(Specs.<FeatureSpec>with("downmix", "left").mixing()).isEqualTo(Downmix.LEFT);
    }

    @Test
    void namesWhatDiffers() {
        assertThat(MelSpec.defaults().differences(Specs.with("hopLength", 512, "padMode", "reflect", "fMax", 4000)))
                .containsExactly(
                        "hopLength 256 against 512", "padMode constant against reflect", "fMax 8000.0 against 4000.0");
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource({
        "sampleRate, 0",
        "nFft, 1",
        "nFft, 2000000",
        "winLength, 0",
        "winLength, 1025",
        "hopLength, 0",
        "hopLength, -256",
        "nMels, 0",
        "nMels, 5000",
        "fMin, -1.0",
        "fMax, 0.0",
        "fMax, 8001.0",
        "power, 3.0",
        "power, 1.5"
    })
    void refusesABadNumber(String name, double value) {
        ObjectNode json = Specs.JSON.valueToTree(MelSpec.defaults());
        boolean whole = json.get(name).isInt();
        json.set(name, whole ? json.numberNode((int) value) : json.numberNode(value));
        assertThatThrownBy(() -> Specs.of(json))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(name + "=" + (whole ? String.valueOf((int) value) : value) + " must ");
    }

    @Test
    void refusesWhatIsNotANumber() {
        assertThatThrownBy(() -> Specs.with("fMin", Double.NaN))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("fMin=NaN must ");
        assertThatThrownBy(() -> Specs.with("fMax", Double.NaN))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("fMax=NaN must ");
    }

    @Test
    void saysTheLimitExactly() {
        assertThatThrownBy(() -> Specs.with("hopLength", 0)).hasMessage("hopLength=0 must be at least 1");
    }

    @Test
    void aMissingWordNamesTheChoices() {
        ObjectNode json = Specs.JSON.valueToTree(MelSpec.defaults());
        json.remove("padMode");
        assertThatThrownBy(() -> Specs.of(json))
                .isInstanceOf(UsageException.class)
                .hasMessage("padMode=null must be constant or reflect");
    }

    @ParameterizedTest(name = "{0} samples, centred {1}: {2} frames")
    @CsvSource({
        "0, true, 0",
        "1, true, 1",
        "255, true, 1",
        "256, true, 2",
        "16000, true, 63",
        "1023, false, 0",
        "1024, false, 1",
        "1279, false, 1",
        "1280, false, 2",
        "500000000000, true, 1953125001"
    })
    void countsFrames(long samples, boolean center, int frames) {
        assertThat(Specs.<FeatureSpec>with("center", center).frames(samples)).isEqualTo(frames);
    }

    @Test
    void refusesNegativeLengths() {
        assertThatThrownBy(() -> MelSpec.defaults().frames(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
