package melgauge.pipeline.stages;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import melgauge.data.FileDigest;
import melgauge.data.Subset;
import melgauge.data.UsageException;
import melgauge.features.Gain;
import melgauge.model.Architecture;
import melgauge.model.BatchSize;
import melgauge.model.Engine;
import melgauge.model.Example;
import melgauge.model.Execution;
import melgauge.model.HoldOut;
import melgauge.model.InitialWeights;
import melgauge.model.NeedsEnvironment;
import melgauge.model.Network;
import melgauge.model.Session;
import melgauge.model.Target;
import melgauge.model.TrainSpec;
import melgauge.model.Trainer;
import melgauge.model.TrainingLog;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Csv;
import melgauge.pipeline.results.Results;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains the network, or several, one after the other. Leaves {@code history.csv} and, after every epoch, a checkpoint to go
 * on from; of a second network {@code history-2.csv}, and so on.
 */
final class TrainStage implements Stage {
    private static final Logger LOG = LoggerFactory.getLogger(TrainStage.class);
    private static final long SEED_STEP = 1_000_000_007L;

    private FormerTraining former = FormerTraining.NONE;

    @Override
    public String name() {
        return "training";
    }

    @Override
    public void check(Run run) throws IOException {
        run.requireSides();
        former = FormerTraining.of(run);
        former.requireContinuation(run);
    }

    @Override
    public String inputs(Run run) throws IOException {
        return inputs(run, run.spec().training().toString());
    }

    private static String inputs(Run run, String training) throws IOException {
        return String.join(
                "\n",
                run.spec().network().toString(),
                training,
                run.spec().patch().toString(),
                run.spec().corpus().split().toString(),
                Long.toString(run.spec().seed()),
                run.digest("checkpoint/normalizer.json"),
                run.manifest().targets().toString(),
                run.manifest().scales().toString(),
                run.manifest().tracks().stream()
                        .map(track -> track.targets().toString())
                        .toList()
                        .toString(),
                run.usable());
    }

    @Override
    public boolean isComplete(Run run) {
        try {
            for (int network = 0; network < run.spec().training().networks(); network++) {
                if (!run.has(history(network)) || !isTrained(Checkpoint.read(run.file(Checkpoint.file(network))))) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            LOG.warn("{}", e.getMessage());
            return false;
        }
    }

    private static boolean isTrained(Checkpoint checkpoint) {
        return !checkpoint.state().log().end().isEmpty();
    }

    private static String history(int network) {
        return "history" + Checkpoint.suffix(network) + ".csv";
    }

    @Override
    public String run(Run run) throws IOException {
        run.requireUsableSides();
        List<Example> train = run.examples(Subset.TRAIN);
        Checkpoint begun = begun(run, 0);
        try (Session session = session(run, begun)) {
            Engine.Device device = session.device();
            LOG.info("Computing on {}: {}", device.name(), device.description());
            run.monitor().say("training: on " + device.name() + ", " + device.description());
            device.advice().lines().forEach(LOG::warn);
            if (begun == null) {
                beginAnew(run);
            }
            TrainSpec training = begun == null ? resolved(run, session, train) : asBefore(run, begun);
            announce(run, training);
            Rotation rotation = Rotation.of(run);
            List<TrainingLog> logs = new ArrayList<>();
            for (int network = 0; network < training.networks(); network++) {
                Checkpoint interrupted = network == 0 ? begun : begun(run, network);
                sayIfElsewhere(run, session, training, network, interrupted);
                logs.add(train(run, session, training, network, rotation.sides(network), interrupted));
            }
            return summary(logs, train.size());
        }
    }

    /** Opens a session where the settings say; where they leave it open, where the training was begun, if that can be had. */
    private static Session session(Run run, @Nullable Checkpoint begun) {
        Execution wanted = run.spec().execution();
        if (begun == null) {
            return wanted.open();
        }
        Checkpoint.Computed before = begun.computed();
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

    private static void sayIfElsewhere(
            Run run, Session session, TrainSpec training, int network, @Nullable Checkpoint interrupted) {
        Checkpoint.Computed now = Checkpoint.Computed.in(session);
        if (interrupted != null
                && !isTrained(interrupted)
                && !interrupted.computed().equals(now)) {
            run.monitor()
                    .say("training: " + title(training, network) + "begun by " + interrupted.computed()
                            + ", goes on by " + now
                            + "; results may differ in their last digits from those of an uninterrupted training");
        }
    }

    private static void announce(Run run, TrainSpec training) {
        if (!training.augment().equals(run.spec().training().augment())) {
            LOG.info(
                    "Features of kind {} have no place for a gain or a shift along the bands: {}",
                    run.spec().features().kind(),
                    training.augment());
        }
        if (training.holdOut() == HoldOut.ROTATE && training.networks() == 1) {
            run.monitor().say("training: holdOut=rotate changes nothing with networks=1; 5 are usual");
        }
    }

    private static String summary(List<TrainingLog> logs, int tracks) {
        TrainingLog first = logs.get(0);
        if (logs.size() == 1) {
            return String.format(
                    Locale.ROOT,
                    "%d epochs on %d tracks; %s; kept the weights of epoch %d",
                    first.epochs().size(),
                    tracks,
                    first.end(),
                    first.bestEpoch());
        }
        return String.format(
                Locale.ROOT,
                "%d networks on %d tracks; epochs kept: %s",
                logs.size(),
                tracks,
                logs.stream()
                        .map(log -> log.bestEpoch() + " of " + log.epochs().size())
                        .collect(Collectors.joining(", ")));
    }

    /** Trains one of the networks, or goes on with it, unless that has been done. */
    private static TrainingLog train(
            Run run,
            Session session,
            TrainSpec training,
            int network,
            Rotation.Sides sides,
            @Nullable Checkpoint interrupted)
            throws IOException {
        if (interrupted != null && isTrained(interrupted)) {
            return interrupted.state().log();
        }
        Gain gain = training.augment().gainDb() > 0 ? Gain.of(run.spec().features()) : null;
        // The seeds of sweeps are neighbours; those of the networks of one run are far away from them.
        long seed = run.spec().seed() + network * SEED_STEP;
        try (Network trained = interrupted == null
                        ? untrained(run, session, training, seed)
                        : interrupted.open(session, training);
                Epochs epochs = new Epochs(run, session, training, network, interrupted)) {
            return new Trainer(training, run.spec().patch(), run.normalizer(), gain, seed)
                    .train(
                            trained,
                            sides.train(),
                            sides.validation(),
                            interrupted == null ? null : interrupted.state(),
                            epochs,
                            epochs::at);
        }
    }

    private static Network untrained(Run run, Session session, TrainSpec training, long seed) throws IOException {
        double[] means =
                run.targets().stream().mapToDouble(Target::trainingMean).toArray();
        Architecture architecture = new Architecture(run.spec().network(), run.shape(), means.length);
        return session.open(architecture, training, InitialWeights.of(architecture, means, seed));
    }

    private static TrainSpec resolved(Run run, Session session, List<Example> train) {
        TrainSpec training = run.spec().training();
        if (training.batchSize() != BatchSize.AUTO) {
            return training.resolved(training.batchSize(), run.spec().features());
        }
        long patches = training.sampling().patches(train, run.spec().patch());
        int size = BatchSize.choose(patches, run.spec().network().trainingBytes(run.shape()), session.freeBytes());
        run.monitor().say("training: batchSize=auto is " + size);
        return training.resolved(size, run.spec().features());
    }

    /** As it was when the training began, whatever this machine has. */
    private static TrainSpec asBefore(Run run, Checkpoint interrupted) {
        return run.spec()
                .training()
                .resolved(interrupted.state().log().batchSize(), run.spec().features());
    }

    /** Removes what an earlier training left, so that nothing in the folder belongs to another model than the one in it. */
    private void beginAnew(Run run) throws IOException {
        if (former.exists()) {
            run.monitor()
                    .say("training: begins anew in place of " + former.describe()
                            + DiagnoseStage.obsoleteExperiments(run));
        } else if (run.continuation() == Continuation.RESUME) {
            run.monitor().say("training: nothing to resume, begins anew");
        }
        Checkpoint.delete(run.spec().output());
        for (int network = 0; network < TrainSpec.MOST_NETWORKS; network++) {
            Files.deleteIfExists(run.file(history(network)));
        }
        for (String product : List.of(
                Results.FILE,
                "metrics.json",
                "predictions.csv",
                DiagnoseStage.FILE,
                BundleStage.FILE,
                ReportStage.FILE)) {
            Files.deleteIfExists(run.file(product));
        }
    }

    /**
     * The training of a network to go on with; null if it begins anew.
     *
     * @throws UsageException if it must go on, and its data has changed
     */
    private @Nullable Checkpoint begun(Run run, int network) throws IOException {
        if (run.continuation() == Continuation.ASK || run.continuation() == Continuation.RESTART) {
            // Of a network after the first, what this very command has begun is not there yet.
            return null;
        }
        Checkpoint checkpoint = Checkpoint.newest(run.spec().output(), network, damage -> {
            LOG.warn("{}", damage);
            run.monitor().say("training: " + damage);
        });
        if (checkpoint == null) {
            return null;
        }
        String identity = checkpoint.identity();
        boolean same = identity.equals(run.stageFingerprint());
        boolean longer = !same && former.isLengthened(run) && identity.equals(fingerprint(run, former));
        if (!same && !longer) {
            if (run.continuation() == Continuation.RESUME_IF_SAME) {
                return null;
            }
            throw new UsageException("the training in " + run.spec().output()
                    + " was begun with other tracks, labels or groups than the manifest and the audio files have now, and"
                    + " cannot go on; begin anew with --restart, or choose another output");
        }
        if (longer) {
            checkpoint = checkpoint.lengthened(run.stageFingerprint());
        }
        int epochs = checkpoint.state().log().epochs().size();
        Trainer.Begun begun = checkpoint.state().begun();
        run.monitor()
                .say("training: " + title(run.spec().training(), network) + "going on after "
                        + (begun == null ? "epoch " + epochs : "step " + begun.steps() + " of epoch " + (epochs + 1)));
        return checkpoint;
    }

    private static String fingerprint(Run run, FormerTraining former) throws IOException {
        return FileDigest.of(inputs(run, former.training()).getBytes(StandardCharsets.UTF_8));
    }

    /** What lines about a network begin with, where there are several. */
    private static String title(TrainSpec training, int network) {
        return training.networks() == 1 ? "" : "network " + (network + 1) + " of " + training.networks() + ", ";
    }

    /** Shows the epochs and saves each, and now and then in between. */
    private static final class Epochs implements Trainer.EpochListener, AutoCloseable {
        private static final List<String> HISTORY = List.of(
                "epoch", "trainLoss", "validationLoss", "validationR2", "validationSpread", "seconds", "learningRate");

        private final Run run;
        private final Session session;
        private final TrainSpec training;
        private final int number;
        private final Monitor.Task task;
        private int finished;
        private long saved = System.nanoTime();

        Epochs(Run run, Session session, TrainSpec training, int number, @Nullable Checkpoint interrupted) {
            this.run = run;
            this.session = session;
            this.training = training;
            this.number = number;
            this.task = run.monitor().begin("training", "steps");
            this.finished =
                    interrupted == null ? 0 : interrupted.state().log().epochs().size();
        }

        void at(long step, long steps) {
            long epochs = (long) number * training.epochs() + finished;
            task.at(epochs * steps + step, (long) training.networks() * training.epochs() * steps);
        }

        @Override
        public void onStep(Network network, Supplier<Trainer.State> state) throws IOException {
            if (System.nanoTime() - saved > run.spec().execution().checkpointSeconds() * 1_000_000_000L) {
                save(network, state.get());
            }
        }

        private void save(Network network, Trainer.State state) throws IOException {
            Checkpoint.of(run.stageFingerprint(), state, session, network)
                    .write(run.spec().output(), number);
            saved = System.nanoTime();
        }

        @Override
        public void onEpoch(Network network, Trainer.State state) throws IOException {
            TrainingLog log = state.log();
            finished = log.epochs().size();
            save(network, state);
            writeHistory(log);
            TrainingLog.Epoch epoch = log.epochs().get(finished - 1);
            boolean validated = !epoch.validationR2().isEmpty();
            String line = String.format(
                    Locale.ROOT,
                    "%sepoch %d: loss %.5f%s, %.1f s%s",
                    title(training, number),
                    epoch.number(),
                    epoch.trainLoss(),
                    validated ? validation(epoch) : "",
                    epoch.seconds(),
                    validated && log.bestEpoch() == epoch.number() ? " (best so far)" : "");
            LOG.info("{}", line);
            run.monitor().say(line);
        }

        private static String validation(TrainingLog.Epoch epoch) {
            String line = String.format(Locale.ROOT, ", validation loss %.5f", epoch.validationLoss());
            if (Double.isFinite(epoch.meanValidationR2())) {
                line += String.format(Locale.ROOT, ", validation R² %.3f", epoch.meanValidationR2());
            }
            return Double.isFinite(epoch.meanValidationSpread())
                    ? line + String.format(Locale.ROOT, ", spread %.0f %%", 100 * epoch.meanValidationSpread())
                    : line;
        }

        private void writeHistory(TrainingLog log) throws IOException {
            Csv.write(run.file(history(number)), HISTORY, printer -> {
                for (TrainingLog.Epoch epoch : log.epochs()) {
                    printer.printRecord(
                            epoch.number(),
                            Csv.number(epoch.trainLoss()),
                            Csv.number(epoch.validationLoss()),
                            Csv.number(epoch.meanValidationR2()),
                            Csv.number(epoch.meanValidationSpread()),
                            Csv.number(epoch.seconds()),
                            epoch.learningRate());
                }
            });
        }

        @Override
        public void close() {
            task.close();
        }
    }
}
