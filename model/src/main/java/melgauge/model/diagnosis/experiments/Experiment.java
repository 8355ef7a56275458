package melgauge.model.diagnosis.experiments;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * An experiment on a finished run.
 *
 * @param name such as {@code overfit}
 * @param question that it was made to answer
 * @param text the answer in plain sentences
 * @param measurements the numbers behind it; empty where there are none
 */
public record Experiment(String name, String question, String text, JsonNode measurements) {}
