package melgauge.pipeline.stages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import melgauge.data.AudioException;
import melgauge.data.AudioStream;
import melgauge.data.Audit;
import melgauge.data.AuditCsv;
import melgauge.data.AuditRow;
import melgauge.data.Decoder;
import melgauge.data.FileDigest;
import melgauge.data.Track;
import melgauge.data.UsageException;
import melgauge.data.catalog.Catalog;
import melgauge.features.FeatureCache;
import melgauge.features.FeatureExtractor;
import melgauge.features.MelSpec;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.Run;
import melgauge.pipeline.Stage;
import melgauge.pipeline.TrackTask;
import melgauge.pipeline.Workers;

/**
 * Audits and decodes every track and fills the feature cache, in one pass. Content that was prepared before costs a
 * look-up; one bad file never stops the corpus. Leaves {@code audit.csv}, a row for every row of the manifest.
 */
final class SpectrogramStage implements Stage {
    @Override
    public String name() {
        return "spectrograms";
    }

    @Override
    public String inputs(Run run) throws IOException {
        StringBuilder text = new StringBuilder(run.spec().features().id())
                .append('\n')
                .append(run.spec().cache());
        for (Track track : run.manifest().tracks()) {
            text.append('\n').append(track.path()).append('\n').append(track.file());
            if (Files.isRegularFile(track.file())) {
                text.append(' ')
                        .append(Files.size(track.file()))
                        .append(' ')
                        .append(Files.getLastModifiedTime(track.file()));
            }
        }
        return text.toString();
    }

    @Override
    public boolean isComplete(Run run) throws IOException {
        return run.has("audit.csv")
                && run.audits().stream()
                        .allMatch(row -> row.status() == AuditRow.Status.REJECTED
                                || run.cache().contains(row.sha256()));
    }

    @Override
    public String run(Run run) throws IOException, InterruptedException {
        List<Track> tracks = run.manifest().tracks();
        List<AuditRow> audits = new ArrayList<>(tracks.size());
        MelSpec features = run.spec().features();
        features.kind().open(features).warnings().forEach(run.monitor()::say);
        try (Catalog catalog = Catalog.open(run.catalogFile());
                Workers workers = new Workers(run.spec().threads());
                Monitor.Task task = run.monitor().begin("spectrograms", "tracks")) {
            Extract extract = new Extract(features, run.cache(), catalog);
            workers.map(tracks.iterator(), extract, audit -> {
                audits.add(audit);
                task.at(audits.size(), tracks.size());
            });
        }
        AuditCsv.write(run.file("audit.csv"), audits);
        run.forgetExamples();
        return summary(run, audits);
    }

    private static String summary(Run run, List<AuditRow> audits) {
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
                "%d tracks, %.1f minutes of audio; %d ok, %d suspect, %d rejected",
                audits.size(),
                seconds / 60,
                audits.size() - rejected - suspect,
                suspect,
                rejected);
    }

    private static long count(List<AuditRow> audits, AuditRow.Status status) {
        return audits.stream().filter(row -> row.status() == status).count();
    }

    /** Audits, decodes and extracts one track. */
    record Extract(MelSpec spec, FeatureCache cache, Catalog catalog) implements TrackTask<Track, AuditRow> {
        @Override
        public Worker<Track, AuditRow> open() {
            Decoder decoder = Decoder.standard();
            FeatureExtractor extractor = spec.kind().open(spec);
            return track -> {
                String digest;
                try {
                    digest = digest(track.file());
                } catch (IOException e) {
                    return rejected(track, reason(track.file(), e), "");
                }
                Optional<Catalog.Entry> known = catalog.find(digest, spec.id());
                if (known.isPresent() && (known.get().frames() == 0 || cache.contains(digest))) {
                    return known.get().audit().forPath(track.path());
                }
                try {
                    return prepare(track, digest, decoder, extractor);
                } catch (AudioException e) {
                    return rejected(track, String.valueOf(e.getMessage()), digest);
                }
            };
        }

        private AuditRow prepare(Track track, String digest, Decoder decoder, FeatureExtractor extractor)
                throws IOException {
            try (AudioStream audio = decoder.open(track.file(), spec.sampleRate(), spec.part());
                    FeatureCache.Entry entry = cache.create(digest)) {
                Audit audit = new Audit();
                extractor.feed(audio, entry, audit::add);
                if (entry.frames() == 0) {
                    throw new AudioException(
                            "is too short for a single frame of features.nFft=" + spec.nFft() + " samples");
                }
                AuditRow row = audit.row(track.path(), spec.sampleRate(), audio.info(), digest);
                FeatureCache.Stored stored = entry.publish();
                catalog.record(
                        new Catalog.Entry(digest, spec.id(), row, stored.frames(), stored.bytes(), stored.checksum()));
                return row;
            }
        }

        private AuditRow rejected(Track track, String reason, String digest) throws IOException {
            AuditRow audit = Audit.rejected(track.path(), reason, digest);
            if (digest.isEmpty()) {
                catalog.recordAttempt(track.file(), reason);
            } else {
                catalog.record(new Catalog.Entry(digest, spec.id(), audit, 0, 0, 0));
            }
            return audit;
        }

        private String digest(Path file) throws IOException {
            if (!Files.isRegularFile(file)) {
                throw new IOException(
                        Files.isDirectory(file) ? "is a folder, not an audio file" : "there is no such file");
            }
            Optional<String> known = catalog.digest(file);
            if (known.isPresent()) {
                return known.get();
            }
            String digest = FileDigest.of(file);
            catalog.recordDigest(file, digest);
            return digest;
        }

        private static String reason(Path file, IOException e) {
            return Files.isRegularFile(file) && !Files.isReadable(file)
                    ? "may not be read (permission denied)"
                    : String.valueOf(e.getMessage());
        }
    }
}
