package melgauge.pipeline.stages;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import melgauge.data.AtomicFile;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.model.Example;
import melgauge.model.InitialWeights;
import melgauge.model.Network;
import melgauge.model.Session;
import melgauge.model.Target;
import melgauge.model.TrainSpec;
import melgauge.model.TrainingLog;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.Evidence;
import melgauge.model.diagnosis.Examination;
import melgauge.model.diagnosis.Examiner;
import melgauge.model.diagnosis.FrontEnd;
import melgauge.model.diagnosis.LabelCeiling;
import melgauge.model.diagnosis.Measurements;
import melgauge.model.diagnosis.Probe;
import melgauge.model.diagnosis.Severity;
import melgauge.model.diagnosis.Verdict;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Results;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what became of the training. Leaves {@code diagnosis.json}. */
final class DiagnoseStage implements Stage {
    static final String FILE = "diagnosis.json";
    private static final Logger LOG = LoggerFactory.getLogger(DiagnoseStage.class);
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    @Override
    public String name() {
        return "diagnosis";
    }

    @Override
    public String inputs(Run run) throws IOException {
        return run.digest(Checkpoint.FILE) + run.digest(Results.FILE);
    }

    @Override
    public boolean isComplete(Run run) {
        return run.has(FILE);
    }

    @Override
    public String run(Run run) throws IOException, InterruptedException {
        String obsolete = obsoleteExperiments(run);
        Diagnosis diagnosis;
        try (Monitor.Task task = run.monitor().begin("diagnosis", "measurements")) {
            diagnosis = Diagnosis.of(evidence(run, task));
        }
        write(run, diagnosis);
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

    static Diagnosis read(Run run) throws IOException {
        return Diagnosis.read(run.file(FILE));
    }

    static void write(Run run, Diagnosis diagnosis) throws IOException {
        AtomicFile.writeString(run.file(FILE), JSON.writeValueAsString(diagnosis.toJson()));
    }

    /** The diagnosis without experiments: what the model carries, which they do not change. */
    static ObjectNode withoutExperiments(Run run) throws IOException {
        return read(run).with(List.of()).toJson();
    }

    /** Whether there is a diagnosis with experiments; one that cannot be read has none. */
    static boolean hasExperiments(Run run) {
        try {
            return run.has(FILE) && !read(run).experiments().isEmpty();
        } catch (IOException e) {
            LOG.warn("{}: {}", run.file(FILE), e.getMessage());
            return false;
        }
    }

    /** @param task the network, each file that is read again, and what simple regression finds */
    private static Evidence evidence(Run run, Monitor.Task task) throws IOException, InterruptedException {
        FrontEndProbe frontEnd = new FrontEndProbe(run);
        int all = 1 + frontEnd.most() + 1;
        task.at(0, all);
        Checkpoint checkpoint = Checkpoint.read(run.file(Checkpoint.FILE));
        Results results = Results.read(run.file(Results.FILE));
        TrainingLog log = checkpoint.state().log();
        TrainSpec training =
                run.spec().training().resolved(log.batchSize(), run.spec().features());
        Examiner examiner = new Examiner(
                run.examples(Subset.TRAIN),
                run.manifest().tracks().stream().map(Track::labels).toList(),
                run.manifest().targets(),
                run.spec().patch(),
                run.normalizer(),
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
                run.assignment().testWithheld(),
                results.ensembleScores(),
                measurements);
    }

    private static Measurements measurements(Run run, Examination examination, FrontEnd frontEnd) throws IOException {
        Map<String, Example> usable = run.examples().values().stream()
                .flatMap(List::stream)
                .collect(Collectors.toMap(Example::path, track -> track));
        // In the manifest's order, in which labels may have slipped.
        List<Track> tracks = run.manifest().tracks().stream()
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
                        run.manifest().targets(),
                        run.spec().seed()),
                LabelCeiling.of(
                        run.manifest().targets(),
                        examples.stream().map(Example::labels).toList(),
                        tracks.stream().map(Track::noise).toList(),
                        run.manifest().noise()));
    }
}
