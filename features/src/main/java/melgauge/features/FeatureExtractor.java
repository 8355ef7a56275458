package melgauge.features;

import melgauge.data.Audio;

/** Computes a spectrogram from audio. One instance serves all threads; equal settings and audio give equal bytes. */
public interface FeatureExtractor {
    /**
     * The spectrogram of a whole track, {@code [frames, bands]}, before normalisation.
     *
     * @throws IllegalArgumentException if the audio is not at {@link #sampleRate()}
     */
    Spectrogram extract(Audio audio);

    /** Bands per frame. */
    int bands();

    /** The sampling rate in Hz that {@link #extract} asks for. */
    int sampleRate();
}
