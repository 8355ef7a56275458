package melgauge.model.diagnosis.measure;

import java.util.List;

/**
 * What was measured for a diagnosis beside the scores and the history of the training.
 *
 * @param examination of the training tracks and the network
 * @param frontEnd how much of the recordings reaches the network
 * @param signal between sound and labels, without a network
 * @param ceilings that noise in the labels sets to the scores, by target
 */
public record Measurements(Examination examination, FrontEnd frontEnd, Signal signal, List<LabelCeiling> ceilings) {
    public Measurements {
        ceilings = List.copyOf(ceilings);
    }
}
