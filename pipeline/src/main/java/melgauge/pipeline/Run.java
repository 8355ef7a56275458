package melgauge.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import melgauge.data.AtomicFile;
import melgauge.data.Manifest;
import melgauge.data.UsageException;
import melgauge.features.FeatureCache;
import melgauge.features.Framing;
import melgauge.model.spec.PatchShape;
import melgauge.pipeline.results.Input;
import melgauge.pipeline.results.Product;
import melgauge.pipeline.results.RunFolder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run: its settings, its folder, and what its stages have left there so far. Used by one thread. */
public final class Run {
    /** Name of the settings in the run's folder. */
    private static final String SETTINGS = "run.yaml";

    private static final Logger LOG = LoggerFactory.getLogger(Run.class);
    private final RunSpec spec;
    private final RunFolder folder;
    private final FeatureCache cache;
    private final RunCorpus corpus;
    private final Monitor monitor;
    private final Continuation continuation;

    /** Names of what the stage that is at work may read; null between stages. */
    private @Nullable Set<String> declared;

    /**
     * Opens a run; {@link Pipeline#run} makes its folder.
     *
     * @param continuation what becomes of an unfinished training in its folder
     * @throws UsageException if the manifest or the split is wrong
     */
    public Run(RunSpec spec, Monitor monitor, Continuation continuation) {
        this(spec, monitor, continuation, Assignment.ofSplit(spec));
    }

    /**
     * Opens a run whose tracks are on other sides than its settings say, as in a cross-validation.
     *
     * @param continuation what becomes of an unfinished training in its folder
     * @throws UsageException if the manifest or the assignment is wrong
     */
    public Run(RunSpec spec, Monitor monitor, Continuation continuation, Assignment assignment) {
        if (spec.features().storage() == Framing.Storage.FLOAT16
                && spec.features().isUncompressed()) {
            throw new UsageException(
                    "features.storage=float16 cannot hold features.compression=none, whose values span more"
                            + " than half precision does; set features.storage=float32, or compression log10 or decibel");
        }
        this.spec = spec;
        this.folder = new RunFolder(spec.output());
        this.cache = new FeatureCache(spec.cache(), spec.features());
        this.corpus = new RunCorpus(spec, folder, cache, assignment);
        this.monitor = monitor;
        this.continuation = continuation;
        spec.network().checkFits(shape());
    }

    /** Says, before any work, how this run's manifest is read and what is learnt from it. */
    public void announce() {
        announce(corpus.manifest(), monitor);
    }

    /** Says how a manifest is read and what is learnt from it; the log has it as well. */
    public static void announce(Manifest manifest, Monitor monitor) {
        for (String note : manifest.notes()) {
            monitor.say(note);
            LOG.info("{}", note);
        }
    }

    /** Leaves the settings in the run's folder. */
    void writeSettings() throws IOException {
        AtomicFile.writeString(folder.file(SETTINGS), RunFile.toYaml(spec));
    }

    /** The settings. */
    public RunSpec spec() {
        return spec;
    }

    /** The tracks. */
    public RunCorpus corpus() {
        return corpus;
    }

    /** The spectrograms. */
    public FeatureCache cache() {
        return cache;
    }

    /** The folder, where stages leave their results. */
    public RunFolder folder() {
        return folder;
    }

    /** Who hears of progress. */
    public Monitor monitor() {
        return monitor;
    }

    /** What becomes of an unfinished training in the run's folder. */
    public Continuation continuation() {
        return continuation;
    }

    /**
     * The settings that the run's folder has from an earlier run, as long as {@link Pipeline#run} has not written those of
     * this one; null if there are none, or if they cannot be read.
     */
    public @Nullable RunSpec formerSettings() {
        Path file = folder.file(SETTINGS);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            return RunFile.read(file, List.of());
        } catch (UsageException e) {
            LOG.warn("{}: {}", file, e.getMessage());
            return null;
        }
    }

    /** The shape of a patch. */
    public PatchShape shape() {
        return new PatchShape(spec.patch().frames(), spec.features().bands());
    }

    /**
     * Reads what an earlier stage left.
     *
     * @throws IllegalStateException if the stage that is at work does not say that it reads that
     */
    public <T> T read(Input<T> input) throws IOException {
        if (declared != null && !declared.contains(input.name())) {
            throw new IllegalStateException("the stage reads " + input.name() + " and does not declare it");
        }
        return folder.read(input);
    }

    /**
     * Writes what a stage leaves.
     *
     * @throws IllegalStateException if the stage that is at work does not say that it writes that
     */
    public <T> void write(Product<T> product, T value) throws IOException {
        if (declared != null && !declared.contains(product.name())) {
            throw new IllegalStateException("the stage writes " + product.name() + " and does not declare it");
        }
        folder.write(product, value);
    }

    /** Limits what is read and written to what a stage declares; with null, nothing does. */
    void declare(@Nullable Stage stage) {
        declared = stage == null
                ? null
                : Stream.concat(
                                stage.reads(this).stream().map(Input::name),
                                stage.writes(this).stream().map(Product::name))
                        .collect(Collectors.toSet());
    }
}
