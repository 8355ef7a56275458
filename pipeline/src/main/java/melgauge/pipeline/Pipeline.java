package melgauge.pipeline;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import melgauge.data.AtomicFile;
import melgauge.data.ProcessLock;
import melgauge.pipeline.results.Input;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a run through stages in order. A stage is skipped, and says so, if it finished before with the same inputs and
 * settings and what it left is still there.
 */
public final class Pipeline {
    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final List<Stage> stages;

    /** A pipeline of stages, in order. */
    public Pipeline(List<Stage> stages) {
        this.stages = List.copyOf(stages);
    }

    /**
     * Runs the stages; a stage that fails ends the run, and the next run goes on with it.
     *
     * @throws IOException also if another process is at work in the run's folder
     */
    public void run(Run run) throws IOException, InterruptedException {
        Path output = run.spec().output();
        try {
            Files.createDirectories(output);
        } catch (IOException e) {
            throw new IOException("cannot make the folder output=" + output + ": " + e, e);
        }
        try (ProcessLock lock = ProcessLock.of(output, run.folder().file(".lock"))) {
            LOG.debug("nobody else writes {}", lock.output());
            for (Stage stage : stages) {
                stage.check(run);
            }
            run.writeSettings();
            runStages(run);
        }
    }

    private void runStages(Run run) throws IOException, InterruptedException {
        Path record = run.folder().file("checkpoint/stages.json");
        Map<String, Identity> finished = read(record);
        for (Stage stage : stages) {
            Identity identity = identity(stage, run);
            Identity before = finished.get(stage.name());
            if (identity.equals(before) && isComplete(stage, run)) {
                run.monitor().say(stage.name() + ": unchanged, skipped");
                LOG.info("{}: unchanged, skipped", stage.name());
                continue;
            }
            if (before != null && !identity.equals(before)) {
                LOG.info("{}: again, because of {}", stage.name(), identity.changesSince(before));
            }
            finished.remove(stage.name());
            long begin = System.nanoTime();
            run.declare(stage);
            String done;
            try {
                done = stage.run(run, identity);
            } finally {
                run.declare(null);
            }
            LOG.info("{}: {} ({} s)", stage.name(), done, (System.nanoTime() - begin) / 1_000_000_000);
            run.monitor().say(stage.name() + ": " + done);
            finished.put(stage.name(), identity);
            AtomicFile.writeString(record, JSON.writeValueAsString(finished));
        }
    }

    /** All that the result of a stage depends on, as it is now. */
    private static Identity identity(Stage stage, Run run) throws IOException {
        SortedMap<String, String> values = new TreeMap<>();
        for (Dependency dependency : stage.dependsOn()) {
            values.putAll(dependency.values(run));
        }
        for (Input<?> input : stage.reads(run)) {
            values.put(input.name(), input.digest(run.folder()));
        }
        return new Identity(values);
    }

    private static boolean isComplete(Stage stage, Run run) throws IOException {
        return stage.writes(run).stream().allMatch(run.folder()::has) && stage.isComplete(run);
    }

    private static Map<String, Identity> read(Path record) {
        if (Files.exists(record)) {
            try {
                return JSON.readValue(record.toFile(), new TypeReference<LinkedHashMap<String, Identity>>() {});
            } catch (IOException e) {
                LOG.warn("{} cannot be read, so every stage runs again: {}", record, e.getMessage());
            }
        }
        return new LinkedHashMap<>();
    }
}
