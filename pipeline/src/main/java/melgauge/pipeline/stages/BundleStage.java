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
import melgauge.features.Modulation;
import melgauge.model.ModelBundle;
import melgauge.model.SeenTracks;
import melgauge.model.inference.Ensemble;
import melgauge.model.task.Example;
import melgauge.model.training.TrainingLog;
import melgauge.pipeline.Dependency;
import melgauge.pipeline.Identity;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.Version;
import melgauge.pipeline.results.Checkpoint;
import melgauge.pipeline.results.Input;
import melgauge.pipeline.results.Product;
import melgauge.pipeline.results.Results;
import melgauge.pipeline.results.RunFolder;

/** Packs all that tagging needs, and where it comes from, into the model's file. */
final class BundleStage implements Stage {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public String name() {
        return "model";
    }

    @Override
    public List<Input<?>> reads(Run run) {
        List<Input<?>> inputs = new ArrayList<>(Networks.artifacts(run));
        inputs.add(RunFolder.AUDIT);
        inputs.add(RunFolder.NORMALIZER);
        inputs.add(RunFolder.RESULTS);
        inputs.add(RunFolder.FINDINGS);
        inputs.add(EvaluateStage.baseline(run));
        inputs.add(EvaluateStage.modulation(run));
        return inputs;
    }

    @Override
    public List<Dependency> dependsOn() {
        return List.of(Dependency.VERSION, Dependency.fact("manifest", BundleStage::manifest));
    }

    @Override
    public List<Product<?>> writes(Run run) {
        return List.of(RunFolder.MODEL);
    }

    @Override
    public String run(Run run, Identity identity) throws IOException {
        List<Checkpoint> checkpoints = Networks.read(run);
        Results results = run.read(RunFolder.RESULTS);
        ModelBundle bundle = new ModelBundle(
                run.spec().features(),
                run.spec().patch(),
                run.spec().network(),
                run.spec().training(),
                results.targets(),
                run.read(RunFolder.NORMALIZER),
                run.read(EvaluateStage.baseline(run)),
                regressions(run, results),
                seen(run),
                provenance(run, checkpoints, results),
                checkpoints.stream()
                        .map(checkpoint -> checkpoint.state().bestWeights())
                        .toList(),
                "the model");
        run.write(RunFolder.MODEL, bundle);
        return run.folder().path(RunFolder.MODEL).toString();
    }

    private static List<Ensemble.Regression> regressions(Run run, Results results) throws IOException {
        double share = results.modulationShare();
        if (share == 0) {
            return List.of();
        }
        return List.of(new Ensemble.Regression(
                run.read(EvaluateStage.modulation(run)),
                new Modulation(run.spec().features()),
                share));
    }

    private static ObjectNode provenance(Run run, List<Checkpoint> checkpoints, Results results) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("software", "melgauge " + Version.text());
        json.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
        json.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        json.put("processors", Runtime.getRuntime().availableProcessors());
        json.put("seed", run.spec().seed());
        if (run.corpus().assignment().labelsShuffled()) {
            json.put("shuffledLabels", true);
        }
        json.put("manifest", manifest(run));
        json.put(
                "corpus",
                digest(run.read(RunFolder.AUDIT).stream()
                        .map(AuditRow::sha256)
                        .sorted()
                        .collect(Collectors.joining("\n"))));
        ObjectNode splits = json.putObject("splits");
        for (Subset subset : Subset.values()) {
            ObjectNode split = splits.putObject(subset.word());
            split.put("tracks", run.corpus().examples(subset).size());
            split.put(
                    "sha256",
                    digest(run.corpus().examples(subset).stream()
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
        json.set("diagnosis", run.read(RunFolder.FINDINGS).toJson());
        return json;
    }

    private static SeenTracks seen(Run run) throws IOException {
        String salt = digest(manifest(run) + run.spec().seed());
        return SeenTracks.of(salt, side(run, Subset.TRAIN), side(run, Subset.VALIDATION));
    }

    private static SeenTracks.Side side(Run run, Subset subset) throws IOException {
        List<String> groups = run.corpus().examples(subset).stream()
                .filter(track -> !run.corpus().group(track.path()).equals(track.path()))
                .map(track -> run.corpus().group(track.path()))
                .distinct()
                .toList();
        return new SeenTracks.Side(run.corpus().contents(subset), groups);
    }

    /** The digest of the manifest's file; of several, that of their digests. */
    private static String manifest(Run run) throws IOException {
        List<String> digests = new ArrayList<>();
        for (Path file : run.corpus().manifest().files()) {
            digests.add(FileDigest.of(file));
        }
        return digests.size() == 1 ? digests.get(0) : digest(String.join("\n", digests));
    }

    private static String digest(String text) {
        return FileDigest.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
