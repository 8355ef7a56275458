package melgauge.pipeline.decoding;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import melgauge.data.AudioException;
import melgauge.data.AudioStream;
import melgauge.data.Audit;
import melgauge.data.Decoder;
import melgauge.data.Failure;
import melgauge.features.FeatureExtractor;
import melgauge.features.FeatureSpec;
import melgauge.features.FrameSink;

/** Reads tracks on the calling thread. */
final class LocalReader implements TrackReader {
    private final FeatureSpec features;
    private final double longestHours;
    private final Decoder decoder = Decoder.standard();
    private final FeatureExtractor extractor;

    LocalReader(FeatureSpec features, double longestHours) {
        this.features = features;
        this.longestHours = longestHours;
        this.extractor = features.open();
    }

    @Override
    public Reading read(Path file, FrameSink sink) throws IOException {
        return read(file, sink, samples -> {});
    }

    /** @param progress hears how many samples there were so far */
    Reading read(Path file, FrameSink sink, LongConsumer progress) throws IOException {
        double most = longestHours * 3600 * features.sampleRate();
        Audit audit = new Audit();
        long[] frames = new long[1];
        try (AudioStream audio = decoder.open(file, features.sampleRate(), features.mixing(), features.part())) {
            extractor.feed(
                    new Bounded(audio, most, longestHours),
                    frame -> {
                        frames[0]++;
                        sink.accept(frame);
                    },
                    (samples, offset, count) -> {
                        audit.add(samples, offset, count);
                        progress.accept(audit.sums().samples());
                    });
            if (frames[0] == 0) {
                throw features.tooShort();
            }
            return new Reading(audit, audio.info(), features.sampleRate());
        }
    }

    @Override
    public void close() {}

    /** A stream that fails behind a limit. */
    private static final class Bounded implements AudioStream {
        private final AudioStream audio;
        private final double most;
        private final double hours;
        private long samples;

        Bounded(AudioStream audio, double most, double hours) {
            this.audio = audio;
            this.most = most;
            this.hours = hours;
        }

        @Override
        public int read(float[] into, int offset, int length) throws AudioException {
            int count = audio.read(into, offset, length);
            samples += Math.max(0, count);
            if (samples > most) {
                throw new AudioException(
                        Failure.Code.TOO_LONG,
                        "is longer than the limit of " + hours
                                + " hours; raise it, or cut the audio into shorter files");
            }
            return count;
        }

        @Override
        public int sampleRate() {
            return audio.sampleRate();
        }

        @Override
        public melgauge.data.SourceInfo info() {
            return audio.info();
        }

        @Override
        public void close() {
            audio.close();
        }
    }
}
