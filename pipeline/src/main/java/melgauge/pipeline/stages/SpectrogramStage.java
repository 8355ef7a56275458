package melgauge.pipeline.stages;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import melgauge.data.AuditRow;
import melgauge.data.Failure;
import melgauge.data.FileDigest;
import melgauge.data.FileStatus;
import melgauge.data.Track;
import melgauge.data.UsageException;
import melgauge.pipeline.Dependency;
import melgauge.pipeline.Identity;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.results.Input;
import melgauge.pipeline.results.Product;
import melgauge.pipeline.results.RunFolder;

/**
 * Audits every track and fills the feature cache ({@link TrackPreparation}); then looks for tracks that are the same audio
 * twice. The audit has a row for every row of the manifest.
 */
final class SpectrogramStage implements Stage {
    private final boolean verify;

    /** @param verify whether to read again what seems unchanged; the stage then always runs */
    SpectrogramStage(boolean verify) {
        this.verify = verify;
    }

    @Override
    public String name() {
        return "spectrograms";
    }

    @Override
    public List<Input<?>> reads(Run run) {
        return List.of();
    }

    @Override
    public List<Dependency> dependsOn() {
        return List.of(
                Dependency.FEATURES,
                Dependency.fact("decoding", run -> run.spec().decoding().toString()),
                Dependency.fact("cache", run -> run.spec().cache().toString()),
                Dependency.fact("audio files", SpectrogramStage::files));
    }

    /** What tells whether a file has changed, of all of them. */
    private static String files(Run run) {
        StringBuilder text = new StringBuilder();
        for (Track track : run.corpus().manifest().tracks()) {
            text.append('\n').append(track.path()).append('\n').append(track.file());
            FileStatus.find(track.file())
                    .ifPresent(status -> text.append(' ')
                            .append(status.size())
                            .append(' ')
                            .append(status.modified())
                            .append(' ')
                            .append(status.key()));
            Failure failure = track.failure();
            if (failure != null) {
                text.append(' ').append(failure);
            }
        }
        return FileDigest.of(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public List<Product<?>> writes(Run run) {
        return List.of(RunFolder.AUDIT);
    }

    @Override
    public boolean isComplete(Run run) throws IOException {
        return !verify
                && run.read(RunFolder.AUDIT).stream()
                        .allMatch(row -> row.status() == AuditRow.Status.REJECTED
                                || run.cache().contains(row.sha256()));
    }

    @Override
    public String run(Run run, Identity identity) throws IOException, InterruptedException {
        List<Track> tracks = run.corpus().manifest().tracks();
        TrackPreparation preparation = new TrackPreparation(run.spec(), verify, run.monitor());
        TrackPreparation.Outcome[] outcomes = new TrackPreparation.Outcome[tracks.size()];
        int[] done = new int[1];
        try (Monitor.Task task = run.monitor().begin("spectrograms", "tracks")) {
            preparation.each(
                    IntStream.range(0, outcomes.length)
                            .mapToObj(number -> new TrackPreparation.Item(number, tracks.get(number)))
                            .iterator(),
                    (item, outcome) -> {
                        outcomes[(int) item.number()] = outcome;
                        task.at(++done[0], tracks.size());
                    });
        }
        Duplicates duplicates = Duplicates.find(
                Arrays.stream(outcomes).map(TrackPreparation.Outcome::audit).toList(),
                Arrays.stream(outcomes)
                        .map(TrackPreparation.Outcome::fingerprint)
                        .toList(),
                run.corpus()::side);
        run.write(RunFolder.AUDIT, duplicates.audits());
        run.corpus().forgetExamples();
        return summary(run, duplicates) + (verify ? "; " + preparation.verified() : "");
    }

    private static String summary(Run run, Duplicates duplicates) {
        List<AuditRow> audits = duplicates.audits();
        long rejected = count(audits, AuditRow.Status.REJECTED);
        long suspect = count(audits, AuditRow.Status.SUSPECT);
        double seconds = audits.stream()
                .mapToDouble(AuditRow::durationSeconds)
                .filter(Double::isFinite)
                .sum();
        if (rejected == audits.size()) {
            throw new UsageException("none of the " + audits.size() + " tracks can be used; the first, "
                    + audits.get(0).path()
                    + ", " + audits.get(0).reason() + ". See " + run.folder().path(RunFolder.AUDIT)
                    + ", and check corpus.audio=" + run.spec().corpus().audio());
        }
        return String.format(
                Locale.ROOT,
                "%d tracks, %.1f minutes of audio; %d ok, %d suspect, %d rejected%s",
                audits.size(),
                seconds / 60,
                audits.size() - rejected - suspect,
                suspect,
                rejected,
                duplicates.summary());
    }

    private static long count(List<AuditRow> audits, AuditRow.Status status) {
        return audits.stream().filter(row -> row.status() == status).count();
    }
}
