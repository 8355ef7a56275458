package melgauge.pipeline.stages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import melgauge.data.UsageException;
import melgauge.model.spec.Schedule;
import melgauge.model.training.TrainingLog;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Identity;
import melgauge.pipeline.Run;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.SettingDifferences;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.RunFolder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The training that a run's folder holds from an earlier command, before this one has changed anything there.
 *
 * @param log of its first network; null if there is no training
 * @param finished whether all its networks are trained
 * @param settings that it had; null if they are unknown
 * @param differences between its settings and those of now, as far as the training depends on them
 */
record FormerTraining(
        @Nullable TrainingLog log,
        boolean finished,
        @Nullable RunSpec settings,
        SettingDifferences differences) {
    static final FormerTraining NONE = new FormerTraining(null, true, null, SettingDifferences.NONE);

    private static final Logger LOG = LoggerFactory.getLogger(FormerTraining.class);
    private static final String EPOCHS = "training.epochs";

    /** Keys that no training depends on; whether the files that they name have changed is told by their content. */
    private static final List<String> NO_PART = List.of("modulationShare", "corpus.manifest", "corpus.audio");

    /** Looks into the folder of a run. */
    static FormerTraining of(Run run) {
        RunSpec settings = run.formerSettings();
        TrainingLog first = log(run, 0);
        if (first == null) {
            return NONE;
        }
        boolean finished = true;
        int networks = (settings == null ? run.spec() : settings).training().networks();
        for (int network = 0; network < networks; network++) {
            TrainingLog log = network == 0 ? first : log(run, network);
            finished &= log != null && !log.end().isEmpty();
        }
        return new FormerTraining(
                first,
                finished,
                settings,
                settings == null
                        ? SettingDifferences.NONE
                        : SettingDifferences.of(settings, run.spec()).without(NO_PART));
    }

    /** The log of a network; null if there is none that can be read. */
    private static @Nullable TrainingLog log(Run run, int network) {
        Path newest = run.folder().path(RunFolder.checkpoint(network));
        for (Path file : List.of(newest, Checkpoint.previous(newest))) {
            if (Files.exists(file)) {
                try {
                    return Checkpoint.read(file).state().log();
                } catch (IOException e) {
                    LOG.warn("{}", e.getMessage());
                }
            }
        }
        return null;
    }

    boolean exists() {
        return log != null;
    }

    /** The identity that it had if nothing but the number of epochs has changed since. */
    String identity(Identity now) {
        return now.with(
                        EPOCHS,
                        settings == null
                                ? ""
                                : String.valueOf(settings.training().epochs()))
                .digest();
    }

    /** Whether it can go on for more epochs than it was begun with. */
    boolean isLengthened(Run run) {
        return isToBeLengthened(run) && whyNotLonger().isEmpty();
    }

    private boolean isToBeLengthened(Run run) {
        return exists()
                && settings != null
                && differences.keys().equals(List.of(EPOCHS))
                && run.spec().training().epochs() > settings.training().epochs();
    }

    /**
     * Refuses to begin where it is not clear, or not possible, what shall become of this training.
     *
     * @throws UsageException naming the settings that differ, and the options to choose from
     */
    void requireContinuation(Run run) {
        String folder = run.spec().output().toString();
        if (run.continuation() == Continuation.ASK && !finished) {
            throw new UsageException(folder + " holds an unfinished training: " + progress()
                    + ". --resume goes on with it, --restart begins anew; or choose another output"
                    + (differences.isEmpty() ? "" : ". To go on, the settings must be the same again: " + differences));
        }
        if (run.continuation() != Continuation.RESUME || differences.isEmpty()) {
            return;
        }
        if (isToBeLengthened(run)) {
            String obstacle = whyNotLonger();
            if (!obstacle.isEmpty()) {
                throw new UsageException("the training in " + folder + " cannot be made longer (" + differences + "): "
                        + obstacle + "; begin anew with --restart, or choose another output");
            }
            return;
        }
        throw new UsageException("the training in " + folder + " was begun with other settings (" + differences
                + "); give it the same again to go on, begin anew with --restart, or choose another output");
    }

    private String whyNotLonger() {
        if (log == null || settings == null) {
            return "its settings are unknown";
        }
        if (settings.training().schedule() == Schedule.COSINE) {
            return "with training.schedule=cosine every step depends on the number of epochs, and the learning rate ends"
                    + " at 0; with schedule=constant or plateau a training can go on";
        }
        return finished && log.epochs().size() < settings.training().epochs()
                ? "it ended before its last epoch: " + log.end()
                : "";
    }

    /** Its progress and the settings that differ, for messages. */
    String describe() {
        return (finished ? "a finished training" : "an unfinished training, " + progress())
                + (differences.isEmpty() ? "" : " (" + differences + ")");
    }

    private String progress() {
        return log == null
                ? "nothing is done"
                : log.epochs().size()
                        + (settings == null ? "" : " of " + settings.training().epochs())
                        + " epochs are done"
                        + (settings != null && settings.training().networks() > 1 ? " of the first network" : "");
    }
}
