package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import melgauge.model.engine.Network;
import melgauge.model.engine.Session;
import melgauge.model.inference.Ensemble;
import melgauge.pipeline.Run;
import melgauge.pipeline.results.Artifact;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.RunFolder;

/** The networks that a run has trained: one, or several that answer together. */
final class Networks {
    private Networks() {}

    /** Where they are in the run's folder. */
    static List<Artifact<Checkpoint>> artifacts(Run run) {
        return IntStream.range(0, run.spec().training().networks())
                .mapToObj(RunFolder::checkpoint)
                .toList();
    }

    /** Their last checkpoints. */
    static List<Checkpoint> read(Run run) throws IOException {
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (Artifact<Checkpoint> artifact : artifacts(run)) {
            checkpoints.add(run.read(artifact));
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
