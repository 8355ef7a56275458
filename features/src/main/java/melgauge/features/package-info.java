/**
 * Spectrograms: how audio becomes the {@code [frames, bands]} matrix that a network reads, how that is normalised, cut
 * into patches, and kept on disk.
 *
 * <p>{@link melgauge.features.MelSpec} holds every setting that changes a number;
 * {@link melgauge.features.MelSpectrogram}, {@link melgauge.features.Mfcc}, {@link melgauge.features.ConstantQ},
 * {@link melgauge.features.Chroma} and {@link melgauge.features.OnsetStrength} compute; {@link
 * melgauge.features.FeatureCache} stores and maps; {@link melgauge.features.PatchSpec} cuts; a {@link
 * melgauge.features.Normalizer} is fitted on the training tracks.
 *
 * <p><b>To add a feature:</b> implement {@link melgauge.features.FeatureExtractor} beside
 * {@link melgauge.features.MelSpectrogram}, give it a constant in {@link melgauge.features.FeatureKind} that opens it,
 * and test it against recorded values of an independent implementation.
 */
@NullMarked
package melgauge.features;

import org.jspecify.annotations.NullMarked;
