package melgauge.pipeline.stages;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import melgauge.data.AuditRow;
import melgauge.data.FileDigest;
import melgauge.data.Subset;
import melgauge.data.io.NamedArrays;
import melgauge.features.Modulation;
import melgauge.model.Ensemble;
import melgauge.model.Example;
import melgauge.model.ModelBundle;
import melgauge.model.ModulationRegression;
import melgauge.model.RidgeBaseline;
import melgauge.model.SeenTracks;
import melgauge.model.TrainingLog;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.Version;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Results;

/** Packs all that tagging needs, and where it comes from, into {@code model.melgauge}. */
final class BundleStage implements Stage {
    static final String FILE = "model.melgauge";
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public String name() {
        return "model";
    }

    @Override
    public String inputs(Run run) throws IOException {
        return Version.text() + Networks.digest(run) + run.digest(Results.FILE) + DiagnoseStage.withoutExperiments(run);
    }

    @Override
    public boolean isComplete(Run run) {
        return run.has(FILE);
    }

    @Override
    public String run(Run run) throws IOException {
        List<Checkpoint> checkpoints = Networks.read(run);
        Results results = Results.read(run.file(Results.FILE));
        int bands = run.shape().bands();
        int outputs = results.targets().size();
        ModelBundle bundle = new ModelBundle(
                run.spec().features(),
                run.spec().patch(),
                run.spec().network(),
                run.spec().training(),
                results.targets(),
                run.normalizer(),
                RidgeBaseline.read(arrays(run, EvaluateStage.BASELINE), "", 2 * bands, outputs),
                regressions(run, results),
                seen(run),
                provenance(run, checkpoints, results),
                checkpoints.stream()
                        .map(checkpoint -> checkpoint.state().bestWeights())
                        .toList(),
                "the model");
        bundle.write(run.file(FILE));
        return run.file(FILE).toString();
    }

    private static List<Ensemble.Regression> regressions(Run run, Results results) throws IOException {
        double share = results.modulationShare();
        if (share == 0) {
            return List.of();
        }
        Modulation reading = new Modulation(run.spec().features());
        int outputs = results.targets().size();
        return List.of(new Ensemble.Regression(
                ModulationRegression.read(arrays(run, EvaluateStage.MODULATION), "", reading.size(), outputs),
                reading,
                share));
    }

    private static NamedArrays arrays(Run run, String name) throws IOException {
        Path file = run.file(name);
        try {
            NamedArrays arrays = NamedArrays.read(file);
            arrays.requireIntact();
            return arrays;
        } catch (IOException e) {
            throw new IOException(file + " cannot be read; train again: " + e.getMessage(), e);
        }
    }

    private static ObjectNode provenance(Run run, List<Checkpoint> checkpoints, Results results) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("software", "melgauge " + Version.text());
        json.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
        json.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        json.put("processors", Runtime.getRuntime().availableProcessors());
        json.put("seed", run.spec().seed());
        if (run.assignment().labelsShuffled()) {
            json.put("shuffledLabels", true);
        }
        json.put("manifest", manifest(run.manifest().files()));
        json.put(
                "corpus",
                digest(run.audits().stream().map(AuditRow::sha256).sorted().collect(Collectors.joining("\n"))));
        ObjectNode splits = json.putObject("splits");
        for (Subset subset : Subset.values()) {
            ObjectNode split = splits.putObject(subset.word());
            split.put("tracks", run.examples(subset).size());
            split.put(
                    "sha256",
                    digest(run.examples(subset).stream()
                            .map(Example::path)
                            .sorted()
                            .collect(Collectors.joining("\n"))));
        }
        TrainingLog first = checkpoints.get(0).state().log();
        json.put("epochs", first.epochs().size());
        json.put("bestEpoch", first.bestEpoch());
        for (Checkpoint further : checkpoints.subList(1, checkpoints.size())) {
            TrainingLog log = further.state().log();
            json.withArray("furtherNetworks")
                    .addObject()
                    .put("epochs", log.epochs().size())
                    .put("bestEpoch", log.bestEpoch());
        }
        json.set("scores", results.metrics(results.scoredSide()));
        json.set("diagnosis", DiagnoseStage.withoutExperiments(run));
        return json;
    }

    private static SeenTracks seen(Run run) throws IOException {
        String salt = digest(manifest(run.manifest().files()) + run.spec().seed());
        return SeenTracks.of(salt, side(run, Subset.TRAIN), side(run, Subset.VALIDATION));
    }

    private static SeenTracks.Side side(Run run, Subset subset) throws IOException {
        List<String> groups = run.examples(subset).stream()
                .filter(track -> !run.group(track.path()).equals(track.path()))
                .map(track -> run.group(track.path()))
                .distinct()
                .toList();
        return new SeenTracks.Side(run.contents(subset), groups);
    }

    /** The digest of the manifest's file; of several, that of their digests. */
    private static String manifest(List<Path> files) throws IOException {
        List<String> digests = new ArrayList<>();
        for (Path file : files) {
            digests.add(FileDigest.of(file));
        }
        return digests.size() == 1 ? digests.get(0) : digest(String.join("\n", digests));
    }

    private static String digest(String text) {
        return FileDigest.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
