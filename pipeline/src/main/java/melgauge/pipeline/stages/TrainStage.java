package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import melgauge.data.Subset;
import melgauge.data.UsageException;
import melgauge.features.Gain;
import melgauge.model.BatchSize;
import melgauge.model.Engine;
import melgauge.model.Example;
import melgauge.model.Regressor;
import melgauge.model.Target;
import melgauge.model.TrainSpec;
import melgauge.model.Trainer;
import melgauge.model.TrainingLog;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Csv;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains the network. Leaves {@code history.csv} and, after every epoch, a checkpoint to go on from. */
final class TrainStage implements Stage {
    private static final Logger LOG = LoggerFactory.getLogger(TrainStage.class);

    @Override
    public String name() {
        return "training";
    }

    @Override
    public String inputs(Run run) throws IOException {
        return String.join(
                "\n",
                run.spec().network().toString(),
                run.spec().training().toString(),
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
            return run.has("history.csv")
                    && !Checkpoint.read(run.file(Checkpoint.FILE))
                            .state()
                            .log()
                            .end()
                            .isEmpty();
        } catch (IOException e) {
            LOG.warn("{}", e.getMessage());
            return false;
        }
    }

    @Override
    public String run(Run run) throws IOException {
        List<Example> train = run.examples(Subset.TRAIN);
        List<Example> validation = run.examples(Subset.VALIDATION);
        Engine engine = Engine.named(run.spec().training().engine());
        engine.useDevice(run.spec().training().device(), false);
        Engine.Device device = engine.device();
        LOG.info("Computing on {}: {}", device.name(), device.description());
        run.monitor().say("training: on " + device.name() + ", " + device.description());
        device.advice().lines().forEach(LOG::warn);
        Checkpoint interrupted = run.resume() ? interrupted(run) : null;
        if (interrupted == null) {
            Checkpoint.delete(run.spec().output());
        }
        TrainSpec training = interrupted == null ? resolved(run, engine, train) : asBefore(run, interrupted);
        Gain gain = training.augment().gainDb() > 0 ? Gain.of(run.spec().features()) : null;
        if (!training.augment().equals(run.spec().training().augment())) {
            LOG.info(
                    "Features of kind {} have no place for a gain or a shift along the bands: {}",
                    run.spec().features().kind(),
                    training.augment());
        }
        engine.useThreads(training.threads());
        try (Regressor regressor = interrupted == null
                        ? engine.create(
                                run.spec().network(),
                                training,
                                run.shape(),
                                run.targets().stream()
                                        .mapToDouble(Target::trainingMean)
                                        .toArray(),
                                run.spec().seed())
                        : interrupted.open();
                Epochs epochs = new Epochs(run, engine, training, interrupted)) {
            Trainer trainer = new Trainer(
                    training,
                    run.spec().patch(),
                    run.normalizer(),
                    gain,
                    run.spec().seed());
            TrainingLog log = trainer.train(
                    regressor, train, validation, interrupted == null ? null : interrupted.state(), epochs, epochs::at);
            return String.format(
                    Locale.ROOT,
                    "%d epochs on %d tracks; %s; kept the weights of epoch %d",
                    log.epochs().size(),
                    train.size(),
                    log.end(),
                    log.bestEpoch());
        }
    }

    private static TrainSpec resolved(Run run, Engine engine, List<Example> train) {
        TrainSpec training = run.spec().training();
        int threads = training.threads() == 0 ? Runtime.getRuntime().availableProcessors() : training.threads();
        if (training.batchSize() != BatchSize.AUTO) {
            return training.resolved(training.batchSize(), threads, run.spec().features());
        }
        long patches = training.sampling().patches(train, run.spec().patch());
        int size = BatchSize.choose(patches, run.spec().network().trainingBytes(run.shape()), engine.freeBytes());
        run.monitor().say("training: batchSize=auto is " + size);
        return training.resolved(size, threads, run.spec().features());
    }

    /** As it was when the training began, whatever this machine has. */
    private static TrainSpec asBefore(Run run, Checkpoint interrupted) {
        TrainingLog log = interrupted.state().log();
        int cores = Runtime.getRuntime().availableProcessors();
        if (log.threads() != cores && run.spec().training().threads() == 0) {
            LOG.warn(
                    "The training was begun with {} threads and goes on with as many; this machine has {} cores",
                    log.threads(),
                    cores);
        }
        return run.spec()
                .training()
                .resolved(log.batchSize(), log.threads(), run.spec().features());
    }

    private static @Nullable Checkpoint interrupted(Run run) throws IOException {
        Checkpoint checkpoint = Checkpoint.newest(run.spec().output(), damage -> {
            LOG.warn("{}", damage);
            run.monitor().say("training: " + damage);
        });
        if (checkpoint == null) {
            run.monitor().say("training: nothing to resume, beginning anew");
            return null;
        }
        if (!checkpoint.identity().equals(run.stageFingerprint())) {
            throw new UsageException("the training in " + run.spec().output()
                    + " was begun with other settings or other data and cannot be resumed; train without --resume, or"
                    + " with another output");
        }
        int epochs = checkpoint.state().log().epochs().size();
        Trainer.Begun begun = checkpoint.state().begun();
        run.monitor()
                .say("training: going on after "
                        + (begun == null ? "epoch " + epochs : "step " + begun.steps() + " of epoch " + (epochs + 1)));
        return checkpoint;
    }

    /** Shows the epochs and saves each, and now and then in between. */
    private static final class Epochs implements Trainer.EpochListener, AutoCloseable {
        private static final List<String> HISTORY = List.of(
                "epoch", "trainLoss", "validationLoss", "validationR2", "validationSpread", "seconds", "learningRate");

        private final Run run;
        private final Engine engine;
        private final TrainSpec training;
        private final Monitor.Task task;
        private int finished;
        private long saved = System.nanoTime();

        Epochs(Run run, Engine engine, TrainSpec training, @Nullable Checkpoint interrupted) {
            this.run = run;
            this.engine = engine;
            this.training = training;
            this.task = run.monitor().begin("training", "steps");
            this.finished =
                    interrupted == null ? 0 : interrupted.state().log().epochs().size();
        }

        void at(long step, long steps) {
            task.at(finished * steps + step, training.epochs() * steps);
        }

        @Override
        public void onStep(Regressor regressor, Supplier<Trainer.State> state) throws IOException {
            if (System.nanoTime() - saved > training.checkpointSeconds() * 1_000_000_000L) {
                save(regressor, state.get());
            }
        }

        private void save(Regressor regressor, Trainer.State state) throws IOException {
            new Checkpoint(run.stageFingerprint(), state, engine.name(), regressor.save(true))
                    .write(run.spec().output());
            saved = System.nanoTime();
        }

        @Override
        public void onEpoch(Regressor regressor, Trainer.State state) throws IOException {
            TrainingLog log = state.log();
            finished = log.epochs().size();
            save(regressor, state);
            writeHistory(log);
            TrainingLog.Epoch epoch = log.epochs().get(finished - 1);
            String line = String.format(
                    Locale.ROOT,
                    "epoch %d: loss %.5f, validation loss %.5f, validation R² %.3f, spread %.0f %%, %.1f s%s",
                    epoch.number(),
                    epoch.trainLoss(),
                    epoch.validationLoss(),
                    epoch.meanValidationR2(),
                    100 * epoch.meanValidationSpread(),
                    epoch.seconds(),
                    log.bestEpoch() == epoch.number() ? " (best so far)" : "");
            LOG.info("{}", line);
            run.monitor().say(line);
        }

        private void writeHistory(TrainingLog log) throws IOException {
            Csv.write(run.file("history.csv"), HISTORY, printer -> {
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
