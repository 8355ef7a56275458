package melgauge.pipeline;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import melgauge.data.AtomicFile;
import melgauge.data.FileDigest;
import melgauge.data.ProcessLock;
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
        try (ProcessLock lock = ProcessLock.of(output, run.file(".lock"))) {
            LOG.debug("nobody else writes {}", lock.output());
            for (Stage stage : stages) {
                stage.check(run);
            }
            run.writeSettings();
            runStages(run);
        }
    }

    private void runStages(Run run) throws IOException, InterruptedException {
        Path record = run.file("checkpoint/stages.json");
        Map<String, String> finished = read(record);
        for (Stage stage : stages) {
            String fingerprint = FileDigest.of(stage.inputs(run).getBytes(StandardCharsets.UTF_8));
            if (fingerprint.equals(finished.get(stage.name())) && stage.isComplete(run)) {
                run.monitor().say(stage.name() + ": unchanged, skipped");
                LOG.info("{}: unchanged, skipped", stage.name());
                continue;
            }
            run.stageFingerprint(fingerprint);
            finished.remove(stage.name());
            long begin = System.nanoTime();
            String done = stage.run(run);
            LOG.info("{}: {} ({} s)", stage.name(), done, (System.nanoTime() - begin) / 1_000_000_000);
            run.monitor().say(stage.name() + ": " + done);
            finished.put(stage.name(), fingerprint);
            AtomicFile.writeString(record, JSON.writeValueAsString(finished));
        }
    }

    private static Map<String, String> read(Path record) {
        if (Files.exists(record)) {
            try {
                return JSON.readValue(record.toFile(), new TypeReference<LinkedHashMap<String, String>>() {});
            } catch (IOException e) {
                LOG.warn("{} cannot be read, so every stage runs again: {}", record, e.getMessage());
            }
        }
        return new LinkedHashMap<>();
    }
}
