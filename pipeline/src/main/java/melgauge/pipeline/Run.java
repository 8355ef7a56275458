package melgauge.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import melgauge.data.AtomicFile;
import melgauge.data.AuditCsv;
import melgauge.data.AuditRow;
import melgauge.data.FileDigest;
import melgauge.data.Manifest;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.data.UsageException;
import melgauge.data.catalog.Catalog;
import melgauge.features.FeatureCache;
import melgauge.features.FrameSource;
import melgauge.features.MelSpec;
import melgauge.features.Normalizer;
import melgauge.model.Example;
import melgauge.model.PatchShape;
import melgauge.model.Target;
import melgauge.model.Trainer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run: its settings, its folder, and what its stages have left there so far. Used by one thread. */
public final class Run {
    /** Name of the settings in the run's folder. */
    private static final String SETTINGS = "run.yaml";

    private static final Logger LOG = LoggerFactory.getLogger(Run.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Half of what Linux allows a process by default. */
    private static final int MOST_MAPPINGS = 32_000;

    private final RunSpec spec;
    private final Manifest manifest;
    private final FeatureCache cache;
    private final Monitor monitor;
    private final Continuation continuation;

    private final Assignment assignment;

    /** Of all tracks, so that one which cannot be read does not move others to another side. */
    private final Map<String, Subset> sides;

    private final Map<String, String> groups;

    private String stageFingerprint = "";
    private @Nullable Map<Subset, List<Example>> examples;

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
        if (spec.features().storage() == MelSpec.Storage.FLOAT16
                && spec.features().kind().compresses()
                && spec.features().compression() == MelSpec.Compression.NONE) {
            throw new UsageException(
                    "features.storage=float16 cannot hold features.compression=none, whose values span more"
                            + " than half precision does; set features.storage=float32, or compression log10 or decibel");
        }
        this.spec = spec;
        this.manifest = spec.corpus().read();
        this.cache = new FeatureCache(spec.cache(), spec.features());
        this.monitor = monitor;
        this.continuation = continuation;
        spec.network().checkFits(shape());
        this.assignment = assignment;
        this.sides = assignment.sides().apply(manifest);
        this.groups = manifest.tracks().stream().collect(Collectors.toMap(Track::path, Track::group));
    }

    /** Says, before any work, how this run's manifest is read and what is learnt from it. */
    public void announce() {
        announce(manifest, monitor);
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
        AtomicFile.writeString(file(SETTINGS), RunFile.toYaml(spec));
    }

    /** The settings. */
    public RunSpec spec() {
        return spec;
    }

    /** The corpus. */
    public Manifest manifest() {
        return manifest;
    }

    /** The spectrograms. */
    public FeatureCache cache() {
        return cache;
    }

    /** Who is on which side, and what is done to labels. */
    public Assignment assignment() {
        return assignment;
    }

    /** The catalogue's file, beside the spectrograms. */
    public Path catalogFile() {
        return spec.cache().resolve(Catalog.FILE);
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
        Path file = file(SETTINGS);
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

    /** A file in the run's folder. */
    public Path file(String name) {
        return spec.output().resolve(name);
    }

    /** The shape of a patch. */
    public PatchShape shape() {
        return new PatchShape(spec.patch().frames(), spec.features().kind().bands(spec.features()));
    }

    /** The identity of the stage that runs now: the digest of its inputs. */
    public String stageFingerprint() {
        return stageFingerprint;
    }

    void stageFingerprint(String fingerprint) {
        stageFingerprint = fingerprint;
    }

    /** The audit that the first stage wrote, in the manifest's order. */
    public List<AuditRow> audits() throws IOException {
        return AuditCsv.read(file("audit.csv"));
    }

    /** The normaliser that was fitted on the training tracks. */
    public Normalizer normalizer() throws IOException {
        return Normalizer.fromJson(
                JSON.readTree(file("checkpoint/normalizer.json").toFile()));
    }

    /** Opens the spectrograms of the usable tracks, by side of the split. */
    public Map<Subset, List<Example>> examples() throws IOException {
        Map<Subset, List<Example>> opened = examples;
        if (opened == null) {
            opened = open();
            examples = opened;
        }
        return opened;
    }

    /** Forgets what was opened, after the audit has changed. */
    public void forgetExamples() {
        examples = null;
    }

    private Map<Subset, List<Example>> open() throws IOException {
        Map<Subset, List<Example>> result = new EnumMap<>(Subset.class);
        for (Subset subset : Subset.values()) {
            result.put(subset, new ArrayList<>());
        }
        Map<Track, String> usable = usableTracks();
        Map<Track, Track> labelled = labelled(usable.keySet());
        boolean mapped = usable.size() <= MOST_MAPPINGS;
        for (Map.Entry<Track, String> entry : usable.entrySet()) {
            Track track = entry.getKey();
            Track labels = Objects.requireNonNull(labelled.get(track));
            FrameSource frames = mapped ? cache.open(entry.getValue()) : cache.revisit(entry.getValue());
            Objects.requireNonNull(result.get(side(track.path())))
                    .add(new Example(track.path(), frames, labels.labels()));
        }
        return result;
    }

    /** Whose labels each track has: its own, or in a control those of another that is not tested. */
    private Map<Track, Track> labelled(Set<Track> tracks) {
        Map<Track, Track> labelled = new HashMap<>();
        tracks.forEach(track -> labelled.put(track, track));
        if (assignment.labelsShuffled()) {
            List<Track> learned = tracks.stream()
                    .filter(track -> side(track.path()) != Subset.TEST)
                    .toList();
            List<Track> shuffled = new ArrayList<>(learned);
            SplittableRandom random = new SplittableRandom(spec.seed());
            for (int i = shuffled.size() - 1; i > 0; i--) {
                Collections.swap(shuffled, i, random.nextInt(i + 1));
            }
            for (int i = 0; i < learned.size(); i++) {
                labelled.put(learned.get(i), shuffled.get(i));
            }
        }
        return labelled;
    }

    /**
     * The side of the split that a track is on, whether or not it can be used.
     *
     * @param path as in the manifest
     */
    public Subset side(String path) {
        return Objects.requireNonNull(sides.get(path), path);
    }

    /**
     * The group that a track belongs to.
     *
     * @param path as in the manifest
     */
    public String group(String path) {
        return Objects.requireNonNull(groups.get(path), path);
    }

    /** The tracks that were not rejected and are not withheld, in the manifest's order, with the digest of their content. */
    private Map<Track, String> usableTracks() throws IOException {
        Map<String, AuditRow> audited = new HashMap<>();
        audits().forEach(row -> audited.put(row.path(), row));
        Map<Track, String> usable = new LinkedHashMap<>();
        for (Track track : manifest.tracks()) {
            AuditRow row = audited.get(track.path());
            boolean withheld = assignment.testWithheld() && side(track.path()) == Subset.TEST;
            if (row != null && row.status() != AuditRow.Status.REJECTED && !withheld) {
                usable.put(track, row.sha256());
            }
        }
        return usable;
    }

    /** The digests of the usable tracks of one side, in the manifest's order. */
    public List<String> contents(Subset subset) throws IOException {
        return usableTracks().entrySet().stream()
                .filter(usable -> side(usable.getKey().path()) == subset)
                .map(Map.Entry::getValue)
                .toList();
    }

    /**
     * Refuses a training without validation or test tracks that nobody asked to leave out.
     *
     * @throws UsageException with the reason and the remedies
     */
    public void requireSides() {
        requiredSides().require();
    }

    /**
     * Does the same for the tracks that the audit left.
     *
     * @throws UsageException naming the side and the first rejected track of it
     */
    public void requireUsableSides() throws IOException {
        requiredSides()
                .requireUsable(usableTracks().keySet().stream().map(Track::path).collect(Collectors.toSet()), audits());
    }

    private RequiredSides requiredSides() {
        return new RequiredSides(spec.corpus(), manifest.tracks(), sides, assignment.withheld());
    }

    /** The tracks of one side. */
    public List<Example> examples(Subset subset) throws IOException {
        return Objects.requireNonNull(examples().get(subset));
    }

    /** What is predicted, with the means of the training labels. */
    public List<Target> targets() throws IOException {
        List<Example> train = examples(Subset.TRAIN);
        return IntStream.range(0, manifest.targets().size())
                .mapToObj(t ->
                        new Target(manifest.targets().get(t), manifest.scales().get(t), Trainer.labelMean(train, t)))
                .toList();
    }

    /** The digest of a file in the run's folder; empty if it is not there. */
    public String digest(String name) throws IOException {
        return has(name) ? FileDigest.of(file(name)) : "";
    }

    /** The usable tracks with content, group and side, as text: what every later stage depends on. */
    public String usable() throws IOException {
        StringBuilder text = new StringBuilder(spec.features().id());
        if (assignment.labelsShuffled()) {
            text.append("\nlabels shuffled, seed ").append(spec.seed());
        }
        usableTracks().forEach((track, sha256) -> {
            text.append('\n').append(track.path()).append('\t').append(sha256);
            text.append('\t').append(track.group()).append('\t').append(side(track.path()));
        });
        return text.toString();
    }

    /** Whether a file of the run is there. */
    public boolean has(String name) {
        return Files.isRegularFile(file(name));
    }
}
