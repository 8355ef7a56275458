package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.Locale;
import java.util.function.Supplier;
import melgauge.features.Gain;
import melgauge.model.engine.Architecture;
import melgauge.model.engine.InitialWeights;
import melgauge.model.engine.Network;
import melgauge.model.engine.Session;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Target;
import melgauge.model.training.Trainer;
import melgauge.model.training.TrainingLog;
import melgauge.pipeline.Identity;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.RunFolder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains one of the networks of a run: shows each epoch, and leaves a checkpoint after it and now and then in between. */
final class NetworkTraining implements Trainer.EpochListener {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkTraining.class);
    private static final long SEED_STEP = 1_000_000_007L;

    private final Run run;
    private final Session session;
    private final TrainSpec training;
    private final String identity;
    private final int number;
    private int finished;
    private long saved = System.nanoTime();

    /**
     * @param training with all settings resolved
     * @param identity of the training
     * @param number of the network, from 0
     */
    NetworkTraining(Run run, Session session, TrainSpec training, Identity identity, int number) {
        this.run = run;
        this.session = session;
        this.training = training;
        this.identity = identity.digest();
        this.number = number;
    }

    /** What lines about a network begin with, where there are several. */
    static String title(TrainSpec training, int network) {
        return training.networks() == 1 ? "" : "network " + (network + 1) + " of " + training.networks() + ", ";
    }

    /** Trains the network, or goes on with it, unless that has been done. */
    TrainingLog train(Rotation.Sides sides, @Nullable Checkpoint begun) throws IOException {
        if (begun != null && begun.isTrained()) {
            return begun.state().log();
        }
        sayIfElsewhere(begun);
        // The seeds of sweeps are neighbours; those of the networks of one run are far away from them.
        long seed = run.spec().seed() + number * SEED_STEP;
        Gain gain = training.augment().gainDb() > 0 ? Gain.of(run.spec().features()) : null;
        Trainer trainer = new Trainer(training, run.spec().patch(), run.read(RunFolder.NORMALIZER), gain, seed);
        Trainer.State state = begun == null ? null : begun.state();
        finished = state == null ? 0 : state.log().epochs().size();
        try (Network network = begun == null ? untrained(seed) : begun.open(session, training);
                Monitor.Task task = run.monitor().begin("training", "steps")) {
            return trainer.train(network, sides.train(), sides.validation(), state, this, (step, steps) -> {
                long epochs = (long) number * training.epochs() + finished;
                task.at(epochs * steps + step, (long) training.networks() * training.epochs() * steps);
            });
        }
    }

    private void sayIfElsewhere(@Nullable Checkpoint begun) {
        Checkpoint.Computed now = Checkpoint.Computed.in(session);
        if (begun != null && !begun.computed().equals(now)) {
            run.monitor()
                    .say("training: " + title(training, number) + "begun by " + begun.computed() + ", goes on by " + now
                            + "; results may differ in their last digits from those of an uninterrupted training");
        }
    }

    private Network untrained(long seed) throws IOException {
        double[] means = run.corpus().targets().stream()
                .mapToDouble(Target::trainingMean)
                .toArray();
        Architecture architecture = new Architecture(run.spec().network(), run.shape(), means.length);
        return session.open(architecture, training, InitialWeights.of(architecture, means, seed));
    }

    @Override
    public void onStep(Network network, Supplier<Trainer.State> state) throws IOException {
        if (System.nanoTime() - saved > run.spec().execution().checkpointSeconds() * 1_000_000_000L) {
            save(network, state.get());
        }
    }

    private void save(Network network, Trainer.State state) throws IOException {
        run.write(RunFolder.checkpoint(number), Checkpoint.of(identity, state, session, network));
        saved = System.nanoTime();
    }

    @Override
    public void onEpoch(Network network, Trainer.State state) throws IOException {
        TrainingLog log = state.log();
        finished = log.epochs().size();
        save(network, state);
        run.write(RunFolder.history(number), log);
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
}
