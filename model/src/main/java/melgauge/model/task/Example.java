package melgauge.model.task;

import melgauge.features.FrameSource;

/**
 * A labelled track, as training and evaluation read it.
 *
 * @param path names the track in outputs
 * @param frames its spectrogram, not normalised
 * @param labels one per target in the network's [0,1], NaN where unlabelled
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Example(String path, FrameSource frames, float[] labels) {}
