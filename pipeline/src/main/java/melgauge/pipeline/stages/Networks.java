package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import melgauge.model.Ensemble;
import melgauge.model.Network;
import melgauge.model.Session;
import melgauge.pipeline.Run;
import melgauge.pipeline.results.Checkpoint;

/** The networks that a run has trained: one, or several that answer together. */
final class Networks {
    private Networks() {}

    /** Digests of their checkpoints, one behind the other. */
    static String digest(Run run) throws IOException {
        StringBuilder digests = new StringBuilder();
        for (int network = 0; network < run.spec().training().networks(); network++) {
            digests.append(run.digest(Checkpoint.file(network)));
        }
        return digests.toString();
    }

    /** Their last checkpoints. */
    static List<Checkpoint> read(Run run) throws IOException {
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (int network = 0; network < run.spec().training().networks(); network++) {
            checkpoints.add(Checkpoint.read(run.file(Checkpoint.file(network))));
        }
        return checkpoints;
    }

    /** Opens all with their best weights, as one. */
    static Ensemble openBest(Run run, Session session, List<Checkpoint> checkpoints) {
        List<Network> opened = new ArrayList<>();
        try {
            for (Checkpoint checkpoint : checkpoints) {
                opened.add(checkpoint.openBest(session, run.spec().training()));
            }
            return new Ensemble(opened);
        } catch (RuntimeException e) {
            opened.forEach(Network::close);
            throw e;
        }
    }
}
