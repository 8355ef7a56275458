package melgauge.model.diagnosis;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * An answer from measurements.
 *
 * @param question number, from 1
 * @param title the question
 * @param text the answer in plain sentences
 * @param measurements the numbers behind it
 */
public record Answer(int question, String title, String text, JsonNode measurements) {}
