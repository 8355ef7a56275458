package melgauge.features;

import java.io.IOException;
import java.util.List;

/**
 * Onset strength, one value per frame: how much the compressed mel bands S rise from one frame to the next, on average,
 * falls counting as 0 (Böck and Widmer 2013, without their maximum filter; librosa's {@code onset_strength} with lag 1):
 *
 * <pre>o[t] = 1/nMels · Σ max(0, S[t − d, b] − S[t − d − 1, b])</pre>
 *
 * <p>The first {@code d + 1} frames are 0. With {@code center} the delay {@code d} is {@code nFft/(2·hopLength)}, rounded
 * down, else 0: a centred frame hears an attack up to half a frame before its own time, and the delay takes that back.
 * There are as many frames as the mel spectrogram has. librosa compresses to decibels with {@code topDb} 80: other
 * settings of {@code compression} give other numbers, by the same formula. One instance serves all threads.
 */
public final class OnsetStrength implements FeatureExtractor {
    private final MelSpectrogram mel;
    private final int delay;

    /** Builds the tables for {@code spec}. */
    public OnsetStrength(OnsetSpec spec) {
        mel = new MelSpectrogram(spec.melSpec());
        delay = spec.center() ? spec.frameLength() / (2 * spec.hopLength()) : 0;
    }

    /** Begins a track; {@code spec.frames(samples)} frames of one value come out. */
    @Override
    public Extraction begin(FrameSink sink) {
        return mel.begin(new Rise(sink));
    }

    private final class Rise implements FrameSink {
        private final FrameSink sink;
        private final float[] before = new float[mel.bands()];
        private final float[] out = new float[1];
        /** A ring of the last rises; what is not there yet is 0. */
        private final float[] waiting = new float[delay + 1];

        private int place;
        private boolean first = true;

        Rise(FrameSink sink) {
            this.sink = sink;
        }

        @Override
        public void accept(float[] bands) throws IOException {
            waiting[place] = first ? 0f : rise(bands);
            first = false;
            System.arraycopy(bands, 0, before, 0, bands.length);
            place = place == delay ? 0 : place + 1;
            out[0] = waiting[place];
            sink.accept(out);
        }

        private float rise(float[] bands) {
            float sum = 0f;
            for (int band = 0; band < bands.length; band++) {
                sum += Math.max(0f, bands[band] - before[band]);
            }
            return sum / bands.length;
        }
    }

    @Override
    public int bands() {
        return 1;
    }

    @Override
    public int sampleRate() {
        return mel.sampleRate();
    }

    @Override
    public List<String> warnings() {
        return mel.warnings();
    }
}
