package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import melgauge.data.AuditCsv;
import melgauge.data.AuditRow;
import melgauge.data.Failure;
import melgauge.data.FileStatus;
import melgauge.data.Track;
import melgauge.data.UsageException;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;

/**
 * Audits every track and fills the feature cache ({@link TrackPreparation}); then looks for tracks that are the same audio
 * twice. Leaves {@code audit.csv}, a row for every row of the manifest.
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
    public String inputs(Run run) throws IOException {
        StringBuilder text = new StringBuilder(run.spec().features().id())
                .append('\n')
                .append(run.spec().decoding())
                .append('\n')
                .append(run.spec().cache());
        for (Track track : run.manifest().tracks()) {
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
        return text.toString();
    }

    @Override
    public boolean isComplete(Run run) throws IOException {
        return !verify
                && run.has("audit.csv")
                && run.audits().stream()
                        .allMatch(row -> row.status() == AuditRow.Status.REJECTED
                                || run.cache().contains(row.sha256()));
    }

    @Override
    public String run(Run run) throws IOException, InterruptedException {
        List<Track> tracks = run.manifest().tracks();
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
                run::side);
        AuditCsv.write(run.file("audit.csv"), duplicates.audits());
        run.forgetExamples();
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
                    + ", " + audits.get(0).reason() + ". See " + run.file("audit.csv")
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
