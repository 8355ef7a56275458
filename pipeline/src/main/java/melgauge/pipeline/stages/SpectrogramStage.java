package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import melgauge.data.AudioException;
import melgauge.data.Audit;
import melgauge.data.AuditCsv;
import melgauge.data.AuditRow;
import melgauge.data.Failure;
import melgauge.data.FileDigest;
import melgauge.data.FileStatus;
import melgauge.data.Track;
import melgauge.data.UsageException;
import melgauge.data.catalog.Catalog;
import melgauge.features.FeatureCache;
import melgauge.features.Fingerprint;
import melgauge.features.MelSpec;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.TrackTask;
import melgauge.pipeline.Workers;
import melgauge.pipeline.decoding.Limits;
import melgauge.pipeline.decoding.Reading;
import melgauge.pipeline.decoding.TrackReader;

/**
 * Audits and decodes every track and fills the feature cache, in one pass; then looks for tracks that are the same audio
 * twice. Content that was prepared before costs a look-up; one bad file never stops the corpus. Leaves
 * {@code audit.csv}, a row for every row of the manifest.
 *
 * <p>Files are trusted to have the content that they had when their status ({@link FileStatus}) was the same. To verify
 * is to trust nothing: every file is hashed, and every cache entry that is used is read and compared with its checksum.
 */
final class SpectrogramStage implements Stage {
    /** Failures that come from limits and circumstances as much as from content: the next run tries again. */
    private static final Set<Failure.Code> PASSING = Set.of(
            Failure.Code.MISSING,
            Failure.Code.UNREADABLE,
            Failure.Code.TOO_LONG,
            Failure.Code.TIMEOUT,
            Failure.Code.MEMORY,
            Failure.Code.CRASH);

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
        List<AuditRow> audits = new ArrayList<>(tracks.size());
        List<Fingerprint> fingerprints = new ArrayList<>(tracks.size());
        Verification verification = new Verification(run.monitor());
        MelSpec features = run.spec().features();
        features.kind().open(features).warnings().forEach(run.monitor()::say);
        try (Catalog catalog = Catalog.open(run.catalogFile());
                Publisher publisher = new Publisher();
                Workers workers = new Workers(run.spec().threads());
                Monitor.Task task = run.monitor().begin("spectrograms", "tracks")) {
            if (!catalog.notice().isEmpty()) {
                run.monitor().say(catalog.notice());
            }
            catalog.recordSettings(features.id(), features.canonicalJson());
            Outcome[] outcomes = new Outcome[tracks.size()];
            int[] done = new int[1];
            workers.each(
                    IntStream.range(0, outcomes.length).iterator(),
                    new Extract(tracks, features, run.spec().decoding(), run.cache(), catalog, publisher, verify),
                    numbered -> {
                        outcomes[numbered.number()] = numbered.outcome();
                        task.at(++done[0], tracks.size());
                    });
            for (Outcome outcome : outcomes) {
                audits.add(outcome.audit());
                fingerprints.add(outcome.fingerprint());
                verification.add(outcome);
            }
            publisher.await();
        }
        Duplicates duplicates = Duplicates.find(audits, fingerprints, run::side);
        AuditCsv.write(run.file("audit.csv"), duplicates.audits());
        run.forgetExamples();
        return summary(run, duplicates) + (verify ? "; " + verification.summary() : "");
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

    /**
     * What became of a track.
     *
     * @param audit its verdict, without what only the corpus as a whole can tell
     * @param fingerprint what it sounds like; blank if it was rejected
     * @param hashed whether the file was read to learn its content
     * @param changedUnnoticed whether it had another content than its status made believe
     * @param checked whether its cache entry was read
     * @param defect what was wrong with its cache entry, which was made anew; empty if nothing
     */
    record Outcome(
            AuditRow audit,
            Fingerprint fingerprint,
            boolean hashed,
            boolean changedUnnoticed,
            boolean checked,
            String defect) {}

    /** Counts what a verification finds, and says what is wrong at once. */
    private static final class Verification {
        private final Monitor monitor;
        private int hashed;
        private int changed;
        private int checked;
        private int damaged;

        Verification(Monitor monitor) {
            this.monitor = monitor;
        }

        void add(Outcome outcome) {
            String path = outcome.audit().path();
            hashed += outcome.hashed() ? 1 : 0;
            checked += outcome.checked() ? 1 : 0;
            if (outcome.changedUnnoticed()) {
                changed++;
                monitor.say(
                        path + ": its content has changed, though its size, time and inode have not; prepared anew");
            }
            if (!outcome.defect().isEmpty()) {
                damaged++;
                monitor.say(path + ": its cache entry was damaged and was made anew: " + outcome.defect());
            }
        }

        String summary() {
            return "verified: " + hashed + " files hashed, " + changed + " changed unnoticed; " + checked
                    + " cache entries read, " + damaged + " damaged and made anew";
        }
    }

    /** The outcome of a track by its number. */
    record Numbered(int number, Outcome outcome) {}

    /** Audits, decodes and extracts one track. */
    record Extract(
            List<Track> tracks,
            MelSpec spec,
            Limits limits,
            FeatureCache cache,
            Catalog catalog,
            Publisher publisher,
            boolean verify)
            implements TrackTask<Integer, Numbered> {
        @Override
        public Worker<Integer, Numbered> open() {
            TrackReader reader = TrackReader.open(spec, limits);
            return new Worker<>() {
                @Override
                public Numbered apply(Integer number) throws IOException, InterruptedException {
                    return new Numbered(number, extract(tracks.get(number), reader));
                }

                @Override
                public void close() {
                    reader.close();
                }
            };
        }

        private Outcome extract(Track track, TrackReader reader) throws IOException, InterruptedException {
            FileStatus status;
            Optional<String> recorded;
            String digest;
            try {
                status = FileStatus.of(track.file());
                recorded = catalog.digest(track.file(), status);
                digest = verify || recorded.isEmpty() ? FileDigest.ofAudio(track.file()) : recorded.get();
            } catch (AudioException e) {
                return unreadable(track, e.failure());
            }
            if (!recorded.equals(Optional.of(digest))) {
                catalog.recordDigest(track.file(), status, digest);
            }
            return outcome(track, digest, recorded, reader);
        }

        private Outcome outcome(Track track, String digest, Optional<String> recorded, TrackReader reader)
                throws IOException, InterruptedException {
            boolean hashed = verify || recorded.isEmpty();
            boolean changed = recorded.isPresent() && !recorded.get().equals(digest);
            Optional<Catalog.Entry> known = catalog.find(digest, spec.id());
            boolean check = verify
                    && known.filter(entry -> entry.frames() > 0 && cache.contains(digest))
                            .isPresent();
            String defect = check ? defect(known.get()) : "";
            Optional<Catalog.Entry> sound =
                    known.filter(entry -> defect.isEmpty() && (entry.frames() == 0 || cache.contains(digest)));
            Catalog.Entry entry = sound.isPresent() ? sound.get() : prepare(track, digest, reader);
            return new Outcome(
                    entry.audit().forPath(track.path()),
                    Fingerprint.parse(entry.fingerprint()),
                    hashed,
                    changed,
                    check,
                    defect);
        }

        private String defect(Catalog.Entry known) {
            return cache.defect(
                            known.sha256(), new FeatureCache.Stored(known.frames(), known.bytes(), known.checksum()))
                    .orElse("");
        }

        private Catalog.Entry prepare(Track track, String digest, TrackReader reader)
                throws IOException, InterruptedException {
            try {
                return fill(track, digest, reader, cache.create(digest));
            } catch (AudioException e) {
                AuditRow row = Audit.rejected(track.path(), e.failure(), digest);
                Catalog.Entry rejected = new Catalog.Entry(digest, spec.id(), row, 0, 0, 0, "");
                if (PASSING.contains(e.failure().code())) {
                    catalog.recordAttempt(track.file(), e.failure().toString());
                } else {
                    catalog.record(rejected);
                }
                return rejected;
            }
        }

        private Catalog.Entry fill(Track track, String digest, TrackReader reader, FeatureCache.Entry entry)
                throws IOException, InterruptedException {
            boolean handedOver = false;
            try {
                Fingerprint.Builder fingerprint = Fingerprint.builder(spec);
                Reading reading = reader.read(track.file(), frame -> {
                    fingerprint.accept(frame);
                    entry.accept(frame);
                });
                FeatureCache.Stored stored = entry.complete();
                Catalog.Entry prepared = new Catalog.Entry(
                        digest,
                        spec.id(),
                        reading.audit().row(track.path(), spec.sampleRate(), reading.source(), digest),
                        stored.frames(),
                        stored.bytes(),
                        stored.checksum(),
                        fingerprint.finish().text());
                publisher.submit(() -> {
                    try (entry) {
                        entry.publish();
                        catalog.record(prepared);
                    }
                });
                handedOver = true;
                return prepared;
            } finally {
                if (!handedOver) {
                    entry.close();
                }
            }
        }

        private Outcome unreadable(Track track, Failure failure) throws IOException {
            catalog.recordAttempt(track.file(), failure.toString());
            return new Outcome(Audit.rejected(track.path(), failure, ""), Fingerprint.blank(), false, false, false, "");
        }
    }
}
