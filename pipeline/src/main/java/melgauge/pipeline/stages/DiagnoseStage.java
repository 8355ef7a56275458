package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.measure.Examination;
import melgauge.model.diagnosis.measure.Examiner;
import melgauge.model.diagnosis.measure.FrontEnd;
import melgauge.model.diagnosis.measure.LabelCeiling;
import melgauge.model.diagnosis.measure.Measurements;
import melgauge.model.diagnosis.measure.Probe;
import melgauge.model.diagnosis.rules.Evidence;
import melgauge.model.diagnosis.rules.Severity;
import melgauge.model.diagnosis.rules.Verdict;
import melgauge.model.engine.InitialWeights;
import melgauge.model.engine.Network;
import melgauge.model.engine.Session;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import melgauge.model.task.Target;
import melgauge.model.training.TrainingLog;
import melgauge.pipeline.Dependency;
import melgauge.pipeline.Identity;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Input;
import melgauge.pipeline.results.Product;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.results.RunFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what became of the training. */
final class DiagnoseStage implements Stage {
    private static final Logger LOG = LoggerFactory.getLogger(DiagnoseStage.class);

    @Override
    public String name() {
        return "diagnosis";
    }

    @Override
    public List<Input<?>> reads(Run run) {
        return List.of(RunFolder.CHECKPOINT, RunFolder.NORMALIZER, RunFolder.RESULTS);
    }

    @Override
    public List<Dependency> dependsOn() {
        return List.of(Dependency.TRACKS, Dependency.LABELS);
    }

    @Override
    public List<Product<?>> writes(Run run) {
        return List.of(RunFolder.DIAGNOSIS);
    }

    @Override
    public String run(Run run, Identity identity) throws IOException, InterruptedException {
        String obsolete = obsoleteExperiments(run);
        Diagnosis diagnosis;
        try (Monitor.Task task = run.monitor().begin("diagnosis", "measurements")) {
            diagnosis = Diagnosis.of(evidence(run, task));
        }
        run.write(RunFolder.DIAGNOSIS, diagnosis);
        String causes = diagnosis.findings().stream()
                .filter(finding -> finding.severity() != Severity.INFO)
                .map(finding -> finding.code().name())
                .collect(Collectors.joining(", "));
        return (diagnosis.verdict() == Verdict.NONE
                        ? "no verdict"
                        : diagnosis.verdict().word())
                + (causes.isEmpty() ? "" : ": " + causes)
                + obsolete;
    }

    /** The end of a sentence on experiments that what is done now makes obsolete; empty if there are none. */
    static String obsoleteExperiments(Run run) {
        return hasExperiments(run)
                ? "; the experiments were on what was there before: 'melgauge diagnose "
                        + run.spec().output() + " --deep' makes them again"
                : "";
    }

    /** Whether there is a diagnosis with experiments; one that cannot be read has none. */
    static boolean hasExperiments(Run run) {
        try {
            return run.folder().has(RunFolder.DIAGNOSIS)
                    && !run.folder().read(RunFolder.DIAGNOSIS).experiments().isEmpty();
        } catch (IOException e) {
            LOG.warn("{}: {}", run.folder().path(RunFolder.DIAGNOSIS), e.getMessage());
            return false;
        }
    }

    /** @param task the network, each file that is read again, and what simple regression finds */
    private static Evidence evidence(Run run, Monitor.Task task) throws IOException, InterruptedException {
        FrontEndProbe frontEnd = new FrontEndProbe(run);
        int all = 1 + frontEnd.most() + 1;
        task.at(0, all);
        Checkpoint checkpoint = run.read(RunFolder.CHECKPOINT);
        Results results = run.read(RunFolder.RESULTS);
        TrainingLog log = checkpoint.state().log();
        TrainSpec training =
                run.spec().training().resolved(log.batchSize(), run.spec().features());
        Examiner examiner = new Examiner(
                run.corpus().examples(Subset.TRAIN),
                run.corpus().manifest().tracks().stream().map(Track::labels).toList(),
                run.corpus().manifest().targets(),
                run.spec().patch(),
                run.read(RunFolder.NORMALIZER),
                log.batchSize(),
                training.loss());
        double[] means =
                results.targets().stream().mapToDouble(Target::trainingMean).toArray();
        Examination examination;
        try (Session session = run.spec().execution().open();
                Network network = checkpoint.open(session, run.spec().training())) {
            examination = examiner.examine(
                    network,
                    Map.of(
                            Examination.Moment.UNTRAINED,
                            InitialWeights.of(
                                    checkpoint.architecture(), means, run.spec().seed()),
                            Examination.Moment.KEPT,
                            checkpoint.state().bestWeights(),
                            Examination.Moment.LAST,
                            checkpoint.weights()));
        }
        task.at(1, all);
        FrontEnd passed = frontEnd.measure((files, ignored) -> task.at(1 + files, all));
        task.at(all - 1, all);
        Measurements measurements = measurements(run, examination, passed);
        task.at(all, all);
        return new Evidence(
                run.spec().features(),
                run.spec().normalizer(),
                run.spec().network(),
                training,
                results.targets(),
                log,
                results.networkEvaluations(),
                results.networkIntervals(results.scoredSide()),
                run.corpus().assignment().testWithheld(),
                results.ensembleScores(),
                measurements);
    }

    private static Measurements measurements(Run run, Examination examination, FrontEnd frontEnd) throws IOException {
        Map<String, Example> usable = run.corpus().examples().values().stream()
                .flatMap(List::stream)
                .collect(Collectors.toMap(Example::path, track -> track));
        // In the manifest's order, in which labels may have slipped.
        List<Track> tracks = run.corpus().manifest().tracks().stream()
                .filter(track -> usable.containsKey(track.path()))
                .toList();
        List<Example> examples = tracks.stream()
                .map(track -> Objects.requireNonNull(usable.get(track.path())))
                .toList();
        return new Measurements(
                examination,
                frontEnd,
                Probe.measure(
                        examples,
                        tracks.stream().map(Track::group).toList(),
                        run.corpus().manifest().targets(),
                        run.spec().seed()),
                LabelCeiling.of(
                        run.corpus().manifest().targets(),
                        examples.stream().map(Example::labels).toList(),
                        tracks.stream().map(Track::noise).toList(),
                        run.corpus().manifest().noise()));
    }
}
