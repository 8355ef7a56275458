package melgauge.pipeline.stages;

import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import melgauge.data.AudioException;
import melgauge.data.Audit;
import melgauge.data.AuditRow;
import melgauge.data.Failure;
import melgauge.data.FileDigest;
import melgauge.data.FileStatus;
import melgauge.data.Track;
import melgauge.data.catalog.Catalog;
import melgauge.features.FeatureCache;
import melgauge.features.FeatureSpec;
import melgauge.features.Fingerprint;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.RunSpec;
import melgauge.pipeline.TrackTask;
import melgauge.pipeline.Workers;
import melgauge.pipeline.decoding.Limits;
import melgauge.pipeline.decoding.Reading;
import melgauge.pipeline.decoding.TrackReader;

/**
 * Audits and decodes tracks and fills the feature cache, in one pass, on worker threads that each have a process decode.
 * Content that was prepared before costs a look-up; one bad file never stops the others.
 *
 * <p>Files are trusted to have the content that they had when their status ({@link FileStatus}) was the same. To verify
 * is to trust nothing: every file is hashed, and every cache entry that is used is read and compared with its checksum.
 */
final class TrackPreparation {
    /** Failures that come from limits and circumstances as much as from content: the next run tries again. */
    private static final Set<Failure.Code> PASSING = Set.of(
            Failure.Code.MISSING,
            Failure.Code.UNREADABLE,
            Failure.Code.TOO_LONG,
            Failure.Code.TIMEOUT,
            Failure.Code.MEMORY,
            Failure.Code.CRASH);

    private final RunSpec spec;
    private final boolean verify;
    private final Monitor monitor;
    private final Verification verification;

    /** @param spec features, cache, workers and limits of it count */
    TrackPreparation(RunSpec spec, boolean verify, Monitor monitor) {
        this.spec = spec;
        this.verify = verify;
        this.monitor = monitor;
        this.verification = new Verification(monitor);
    }

    /**
     * A track and its place.
     *
     * @param number from 0
     */
    record Item(long number, Track track) {}

    /** Takes outcomes as they come, on the calling thread. */
    @FunctionalInterface
    interface Receiver {
        void accept(Item item, Outcome outcome) throws IOException;
    }

    /** Prepares tracks; returns when all of them are in the cache and in its catalogue. */
    void each(Iterator<Item> items, Receiver receiver) throws IOException, InterruptedException {
        FeatureSpec features = spec.features();
        features.open().warnings().forEach(monitor::say);
        try (Catalog catalog = Catalog.open(spec.cache().resolve(Catalog.FILE));
                Publisher publisher = new Publisher();
                Workers workers = new Workers(spec.threads())) {
            if (!catalog.notice().isEmpty()) {
                monitor.say(catalog.notice());
            }
            catalog.recordSettings(features.id(), features.canonicalJson());
            FeatureCache cache = new FeatureCache(spec.cache(), features);
            workers.each(items, new Extract(features, spec.decoding(), cache, catalog, publisher, verify), numbered -> {
                verification.add(numbered.outcome());
                receiver.accept(numbered.item(), numbered.outcome());
            });
            publisher.await();
        }
    }

    /** What verifying has found so far, in words. */
    String verified() {
        return verification.summary();
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

    private record Numbered(Item item, Outcome outcome) {}

    /** Audits, decodes and extracts one track. */
    private record Extract(
            FeatureSpec spec, Limits limits, FeatureCache cache, Catalog catalog, Publisher publisher, boolean verify)
            implements TrackTask<Item, Numbered> {
        @Override
        public Worker<Item, Numbered> open() {
            TrackReader reader = TrackReader.open(spec, limits, false);
            return new Worker<>() {
                @Override
                public Numbered apply(Item item) throws IOException, InterruptedException {
                    return new Numbered(item, extract(item.track(), reader));
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
                return unreadable(track, track.failure(e.failure()));
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
            Catalog.Entry entry = sound.isPresent() ? sound.get() : prepare(track, digest, defect, reader);
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

        private Catalog.Entry prepare(Track track, String digest, String defect, TrackReader reader)
                throws IOException, InterruptedException {
            try {
                if (catalog.isReadOnly()) {
                    // A track that cannot be decoded, now as before, needs no entry.
                    reader.read(track.file(), frame -> {});
                    throw new IOException((defect.isEmpty()
                                    ? "there is no spectrogram of " + track.path() + " with these settings"
                                    : defect)
                            + ", and the cache " + cache.root()
                            + " cannot be written; make it writable, or name another: --set cache=DIR");
                }
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
