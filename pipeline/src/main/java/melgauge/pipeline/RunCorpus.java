package melgauge.pipeline;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import melgauge.data.AuditRow;
import melgauge.data.FileDigest;
import melgauge.data.Manifest;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.data.UsageException;
import melgauge.features.FeatureCache;
import melgauge.features.FrameSource;
import melgauge.model.task.Example;
import melgauge.model.task.Target;
import melgauge.model.training.Trainer;
import melgauge.pipeline.results.RunFolder;
import org.jspecify.annotations.Nullable;

/**
 * The tracks of a run: who is on which side of the split, which of them the audit left, with which labels. Used by one
 * thread.
 */
public final class RunCorpus {
    /** Half of what Linux allows a process by default. */
    private static final int MOST_MAPPINGS = 32_000;

    private final RunSpec spec;
    private final RunFolder folder;
    private final FeatureCache cache;
    private final Manifest manifest;
    private final Assignment assignment;

    /** Of all tracks, so that one which cannot be read does not move others to another side. */
    private final Map<String, Subset> sides;

    private final Map<String, String> groups;
    private @Nullable Map<Subset, List<Example>> examples;

    RunCorpus(RunSpec spec, RunFolder folder, FeatureCache cache, Assignment assignment) {
        this.spec = spec;
        this.folder = folder;
        this.cache = cache;
        this.manifest = spec.corpus().read();
        this.assignment = assignment;
        this.sides = assignment.sides().apply(manifest);
        this.groups = manifest.tracks().stream().collect(Collectors.toMap(Track::path, Track::group));
    }

    /** All tracks with their labels. */
    public Manifest manifest() {
        return manifest;
    }

    /** Who is on which side, and what is done to labels. */
    public Assignment assignment() {
        return assignment;
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
        Map<Track, String> usable = usable();
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
    private Map<Track, String> usable() throws IOException {
        Map<String, AuditRow> audited = new HashMap<>();
        folder.read(RunFolder.AUDIT).forEach(row -> audited.put(row.path(), row));
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

    /**
     * The path of a usable track in the manifest.
     *
     * @param content its digest
     */
    public String path(String content) throws IOException {
        return usable().entrySet().stream()
                .filter(usable -> usable.getValue().equals(content))
                .map(usable -> usable.getKey().path())
                .findFirst()
                .orElse(content);
    }

    /** The digests of the usable tracks of one side, in the manifest's order. */
    public List<String> contents(Subset subset) throws IOException {
        return usable().entrySet().stream()
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
                .requireUsable(
                        usable().keySet().stream().map(Track::path).collect(Collectors.toSet()),
                        folder.read(RunFolder.AUDIT));
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

    /** The SHA-256 of the usable tracks with content, group and side, and of whose labels they have. */
    String digest() throws IOException {
        StringBuilder text = new StringBuilder();
        if (assignment.labelsShuffled()) {
            text.append("labels shuffled, seed ").append(spec.seed()).append('\n');
        }
        usable().forEach((track, sha256) -> {
            text.append(track.path()).append('\t').append(sha256);
            text.append('\t')
                    .append(track.group())
                    .append('\t')
                    .append(side(track.path()))
                    .append('\n');
        });
        return FileDigest.of(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The SHA-256 of targets, scales and labels. */
    String labelDigest() {
        String text = manifest.targets() + "\n" + manifest.scales() + "\n"
                + manifest.tracks().stream()
                        .map(track -> track.targets().toString())
                        .toList();
        return FileDigest.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
