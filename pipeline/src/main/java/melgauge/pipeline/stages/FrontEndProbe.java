package melgauge.pipeline.stages;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import melgauge.data.AudioException;
import melgauge.data.Subset;
import melgauge.data.Track;
import melgauge.features.MelSpec;
import melgauge.features.Spectrogram;
import melgauge.model.diagnosis.measure.FrontEnd;
import melgauge.model.task.Example;
import melgauge.model.task.Progress;
import melgauge.pipeline.Run;
import melgauge.pipeline.decoding.TrackReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the audio of some training tracks again and measures how much of it the run's features keep. It reads tracks until
 * it has frames enough for {@link FrontEnd#measure}, evenly spaced in the manifest. A file that cannot be read any more is
 * passed over: the audit has already judged it.
 */
final class FrontEndProbe {
    private static final Logger LOG = LoggerFactory.getLogger(FrontEndProbe.class);

    /** About half a minute of each at the reference's 31 frames a second. */
    private static final int ENOUGH_FRAMES = 12_000;

    private static final int MOST_TRACKS = 48;
    private static final int LEAST_TRACKS = 8;

    private final Run run;

    FrontEndProbe(Run run) {
        this.run = run;
    }

    /** How many files are read at most. */
    int most() throws IOException {
        return Math.min(MOST_TRACKS, run.corpus().examples(Subset.TRAIN).size());
    }

    /**
     * Measures; {@link FrontEnd#UNKNOWN} if too few files can be read.
     *
     * @param progress the files, {@link #most} of them
     */
    FrontEnd measure(Progress progress) throws IOException, InterruptedException {
        Map<String, Path> files = new HashMap<>();
        for (Track track : run.corpus().manifest().tracks()) {
            files.put(track.path(), track.file());
        }
        MelSpec reference = FrontEnd.reference(run.spec().features());
        List<Example> train = run.corpus().examples(Subset.TRAIN);
        int most = most();
        List<FrontEnd.Track> tracks = new ArrayList<>();
        long frames = 0;
        try (TrackReader reader = TrackReader.open(reference, run.spec().decoding(), false)) {
            for (int i = 0; i < most && (i < LEAST_TRACKS || frames < ENOUGH_FRAMES); i++) {
                Example track = train.get((int) ((long) scattered(i, most) * train.size() / most));
                try {
                    Spectrogram spectrogram =
                            read(reader, Objects.requireNonNull(files.get(track.path())), reference.nMels());
                    tracks.add(new FrontEnd.Track(track.frames(), spectrogram));
                    frames += spectrogram.frames();
                } catch (AudioException e) {
                    LOG.warn("{} cannot be read again for the diagnosis: {}", track.path(), e.getMessage());
                }
                progress.at(i + 1, most);
            }
        }
        return FrontEnd.measure(run.spec().features(), tracks);
    }

    /** Visits 0 to count − 1 so that the first few are spread over the whole range. */
    private static int scattered(int i, int count) {
        // A step near the golden section of count, and coprime to it, visits every place once.
        int step = Math.max(1, (int) Math.round(count * 0.618));
        while (gcd(step, count) != 1) {
            step++;
        }
        return (int) ((long) i * step % count);
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    private static Spectrogram read(TrackReader reader, Path file, int bands) throws IOException, InterruptedException {
        List<float[]> frames = new ArrayList<>();
        reader.read(file, frame -> frames.add(frame.clone()));
        float[] values = new float[frames.size() * bands];
        for (int i = 0; i < frames.size(); i++) {
            System.arraycopy(frames.get(i), 0, values, i * bands, bands);
        }
        return new Spectrogram(values, frames.size(), bands);
    }
}
