package melgauge.pipeline.results;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import melgauge.data.Subset;
import melgauge.model.scores.Evaluation;
import melgauge.model.scores.Intervals;

/**
 * The scores of one side of the split beside those of the baselines: the content of {@code metrics.json}, which a model
 * carries in its provenance, too.
 *
 * @param side that was scored
 * @param caveats what a reader must know before trusting the scores
 * @param shuffledLabels whether the training and validation tracks had each other's labels, as a control
 * @param modulationShare how much of an answer is the modulation regression's, from 0 to 1
 * @param answers scores of the model's answers
 * @param intervals of these
 * @param beside what they are compared with
 */
public record Scores(
        Subset side,
        List<String> caveats,
        boolean shuffledLabels,
        double modulationShare,
        Evaluation answers,
        Intervals intervals,
        Beside beside) {
    public Scores {
        caveats = List.copyOf(caveats);
    }

    /**
     * Predictors of the same tracks.
     *
     * @param network the network alone
     * @param meanPredictor always the mean of the training labels
     * @param ridge ridge regression on the mean and deviation of each band
     * @param modulation the modulation regression alone; empty if the model has none
     */
    public record Beside(
            Evaluation network, Evaluation meanPredictor, Evaluation ridge, Optional<Evaluation> modulation) {}

    /** The number of tracks, such as {@code 75 test tracks}. */
    public String tracksInWords() {
        int tracks = answers.tracks();
        return tracks + " " + side.inWords() + (tracks == 1 ? " track" : " tracks");
    }

    /** The content of {@code metrics.json}. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("split", side.word());
        json.put("heldOut", side == Subset.TEST);
        caveats.forEach(json.putArray("caveats")::add);
        if (shuffledLabels) {
            json.put("shuffledLabels", true);
        }
        json.setAll(answers.toJson());
        json.set("intervals", intervals.toJson());
        if (modulationShare > 0) {
            json.put("modulationShare", modulationShare);
            json.set("network", withoutTracks(beside.network()));
        }
        ObjectNode baseline = json.putObject("baseline");
        baseline.set("meanPredictor", withoutTracks(beside.meanPredictor()));
        baseline.set("ridge", withoutTracks(beside.ridge()));
        beside.modulation().ifPresent(evaluation -> baseline.set("modulation", withoutTracks(evaluation)));
        return json;
    }

    static ObjectNode withoutTracks(Evaluation evaluation) {
        ObjectNode json = evaluation.toJson();
        json.remove("tracks");
        return json;
    }

    /**
     * Reads what {@link #toJson} wrote. Older programs wrote less: a score that is not there is undefined.
     *
     * @throws IOException if it is something else
     */
    public static Scores fromJson(JsonNode json) throws IOException {
        String word = json.path("split").asText();
        Subset side = Arrays.stream(Subset.values())
                .filter(subset -> subset.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IOException("split=" + word + " must be train, validation or test"));
        Evaluation answers = Evaluation.fromJson(json);
        if (answers.targets().isEmpty()) {
            throw new IOException("targets must hold the scores of at least one target");
        }
        List<String> caveats = new ArrayList<>();
        json.path("caveats").forEach(caveat -> caveats.add(caveat.asText()));
        JsonNode baseline = json.path("baseline");
        return new Scores(
                side,
                caveats,
                json.path("shuffledLabels").asBoolean(),
                json.path("modulationShare").asDouble(),
                answers,
                Intervals.fromJson(json.path("intervals")),
                new Beside(
                        json.has("network") ? Evaluation.fromJson(json.path("network")) : answers,
                        Evaluation.fromJson(baseline.path("meanPredictor")),
                        Evaluation.fromJson(baseline.path("ridge")),
                        baseline.has("modulation")
                                ? Optional.of(Evaluation.fromJson(baseline.path("modulation")))
                                : Optional.empty()));
    }
}
