package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import melgauge.data.Subset;
import melgauge.model.engine.Engine;
import melgauge.model.engine.Session;
import melgauge.model.spec.BatchSize;
import melgauge.model.spec.HoldOut;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import melgauge.model.training.TrainingLog;
import melgauge.pipeline.Continuation;
import melgauge.pipeline.Dependency;
import melgauge.pipeline.Identity;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Input;
import melgauge.pipeline.results.Product;
import melgauge.pipeline.results.RunFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains the network, or several, one after the other ({@link NetworkTraining}): from the beginning, or from where an
 * earlier command was ended ({@link Resumption}).
 */
final class TrainStage implements Stage {
    private static final Logger LOG = LoggerFactory.getLogger(TrainStage.class);

    private FormerTraining former = FormerTraining.NONE;

    @Override
    public String name() {
        return "training";
    }

    @Override
    public void check(Run run) throws IOException {
        run.corpus().requireSides();
        former = FormerTraining.of(run);
        former.requireContinuation(run);
    }

    @Override
    public List<Input<?>> reads(Run run) {
        return List.of(RunFolder.NORMALIZER);
    }

    @Override
    public List<Dependency> dependsOn() {
        return List.of(
                Dependency.settings("network", "training", "patch", "corpus.split", "seed"),
                Dependency.FEATURES,
                Dependency.TRACKS,
                Dependency.LABELS);
    }

    @Override
    public List<Product<?>> writes(Run run) {
        return IntStream.range(0, run.spec().training().networks())
                .boxed()
                .flatMap(network -> Stream.<Product<?>>of(RunFolder.checkpoint(network), RunFolder.history(network)))
                .toList();
    }

    @Override
    public boolean isComplete(Run run) {
        try {
            for (Checkpoint checkpoint : Networks.read(run)) {
                if (!checkpoint.isTrained()) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            LOG.warn("{}", e.getMessage());
            return false;
        }
    }

    @Override
    public String run(Run run, Identity identity) throws IOException {
        run.corpus().requireUsableSides();
        Resumption resumption = Resumption.of(run, identity, former);
        try (Session session = resumption.open(run.spec().execution())) {
            Engine.Device device = session.device();
            LOG.info("Computing on {}: {}", device.name(), device.description());
            run.monitor().say("training: on " + device.name() + ", " + device.description());
            device.advice().lines().forEach(LOG::warn);
            if (!resumption.goesOn()) {
                beginAnew(run);
            }
            TrainSpec training = run.spec()
                    .training()
                    .resolved(
                            resumption.goesOn() ? resumption.batchSize() : batchSize(run, session),
                            run.spec().features());
            announce(run, training);
            Rotation rotation = Rotation.of(run);
            List<TrainingLog> logs = new ArrayList<>();
            for (int network = 0; network < training.networks(); network++) {
                logs.add(new NetworkTraining(run, session, training, identity, network)
                        .train(rotation.sides(network), resumption.checkpoint(network)));
            }
            return summary(logs, run.corpus().examples(Subset.TRAIN).size());
        }
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
        for (int network = 0; network < TrainSpec.MOST_NETWORKS; network++) {
            Checkpoint.delete(run.folder().path(RunFolder.checkpoint(network)));
            run.folder().delete(RunFolder.history(network));
        }
        for (Product<?> product : List.of(
                RunFolder.RESULTS,
                RunFolder.METRICS,
                RunFolder.PREDICTIONS,
                RunFolder.DIAGNOSIS,
                RunFolder.MODEL,
                RunFolder.REPORT)) {
            run.folder().delete(product);
        }
    }

    /** Patches in a batch, as the settings say, or as the corpus and the memory that is free suggest. */
    private static int batchSize(Run run, Session session) throws IOException {
        TrainSpec training = run.spec().training();
        if (training.batchSize() != BatchSize.AUTO) {
            return training.batchSize();
        }
        List<Example> train = run.corpus().examples(Subset.TRAIN);
        int size = BatchSize.choose(
                training.sampling().patches(train, run.spec().patch()),
                run.spec().network().trainingBytes(run.shape()),
                session.freeBytes());
        run.monitor().say("training: batchSize=auto is " + size);
        return size;
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
}
