package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import melgauge.data.UsageException;
import melgauge.model.engine.Execution;
import melgauge.model.engine.NeedsEnvironment;
import melgauge.model.engine.Session;
import melgauge.model.training.Trainer;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Identity;
import melgauge.pipeline.Run;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.RunFolder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a training goes on from: the checkpoints of networks that an earlier command has begun or finished, if any. */
final class Resumption {
    private static final Logger LOG = LoggerFactory.getLogger(Resumption.class);

    /** One after the other, from that of the first network; of the last, the training may be unfinished. */
    private final List<Checkpoint> checkpoints;

    private Resumption(List<Checkpoint> checkpoints) {
        this.checkpoints = checkpoints;
    }

    /**
     * Looks into a run's folder.
     *
     * @param identity of the training
     * @param former what was there when the command began
     * @throws UsageException if the training must go on, and its data has changed
     */
    static Resumption of(Run run, Identity identity, FormerTraining former) throws IOException {
        List<Checkpoint> checkpoints = new ArrayList<>();
        if (run.continuation() == Continuation.RESUME || run.continuation() == Continuation.RESUME_IF_SAME) {
            for (int network = 0; network < run.spec().training().networks(); network++) {
                Checkpoint checkpoint = checkpoint(run, identity, former, network);
                if (checkpoint == null) {
                    break;
                }
                checkpoints.add(checkpoint);
            }
        }
        return new Resumption(checkpoints);
    }

    private static @Nullable Checkpoint checkpoint(Run run, Identity identity, FormerTraining former, int network)
            throws IOException {
        Checkpoint checkpoint = Checkpoint.newest(run.folder().path(RunFolder.checkpoint(network)), damage -> {
            LOG.warn("{}", damage);
            run.monitor().say("training: " + damage);
        });
        if (checkpoint == null) {
            return null;
        }
        String digest = identity.digest();
        boolean same = checkpoint.identity().equals(digest);
        boolean longer =
                !same && former.isLengthened(run) && checkpoint.identity().equals(former.identity(identity));
        if (!same && !longer) {
            if (run.continuation() == Continuation.RESUME_IF_SAME) {
                return null;
            }
            throw new UsageException("the training in " + run.folder().path()
                    + " was begun with other tracks, labels or groups than the manifest and the audio files have now, and"
                    + " cannot go on; begin anew with --restart, or choose another output");
        }
        Checkpoint resumed = longer ? checkpoint.lengthened(digest) : checkpoint;
        int epochs = resumed.state().log().epochs().size();
        Trainer.Begun begun = resumed.state().begun();
        run.monitor()
                .say("training: " + NetworkTraining.title(run.spec().training(), network) + "going on after "
                        + (begun == null ? "epoch " + epochs : "step " + begun.steps() + " of epoch " + (epochs + 1)));
        return resumed;
    }

    /** Whether there is something to go on from. */
    boolean goesOn() {
        return !checkpoints.isEmpty();
    }

    /** Where a network's training goes on; null if it begins. */
    @Nullable
    Checkpoint checkpoint(int network) {
        return network < checkpoints.size() ? checkpoints.get(network) : null;
    }

    /** As it was when the training began, whatever this machine has. */
    int batchSize() {
        return checkpoints.get(0).state().log().batchSize();
    }

    /** Opens a session where the settings say; where they leave it open, where the training was begun, if that can be had. */
    Session open(Execution wanted) {
        if (!goesOn()) {
            return wanted.open();
        }
        Checkpoint.Computed before = checkpoints.get(0).computed();
        Execution asBefore = new Execution(
                wanted.engine().equals("auto") ? before.engine() : wanted.engine(),
                wanted.device().equals("auto") ? before.device() : wanted.device(),
                wanted.threads() == 0 ? before.threads() : wanted.threads(),
                wanted.checkpointSeconds());
        try {
            return asBefore.open();
        } catch (NeedsEnvironment e) {
            throw e;
        } catch (UsageException e) {
            LOG.warn("The training was begun by {}, which cannot be had here: {}", before, e.getMessage());
            return wanted.open();
        }
    }
}
