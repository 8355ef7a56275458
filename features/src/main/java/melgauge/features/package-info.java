/**
 * Spectrograms: how audio becomes the {@code [frames, bands]} matrix that a network reads, how that is normalised, cut
 * into patches, and kept on disk.
 *
 * <p>A {@link melgauge.features.FeatureSpec} holds every setting that changes a number; {@link
 * melgauge.features.MelSpectrogram}, {@link melgauge.features.Mfcc}, {@link melgauge.features.ConstantQ}, {@link melgauge.features.Chroma} and {@link melgauge.features.OnsetStrength} compute; {@link
 * melgauge.features.FeatureCache} stores and maps; {@link melgauge.features.PatchSpec} cuts; a {@link
 * melgauge.features.Normalizer} is fitted on the training tracks.
 *
 * <p><b>To add a feature:</b>
 * <ol>
 *   <li>Implement {@link melgauge.features.FeatureExtractor} beside {@link melgauge.features.MelSpectrogram}.
 *   <li>Write the record of its settings beside {@link melgauge.features.MelSpec}: {@link melgauge.features.Framing}, such
 *       other records as it shares with neighbours, and its own keys, each a component that the constructor checks.
 *   <li>Register it in {@link melgauge.features.FeatureSpec}: the record in {@code permits}, a constant in {@code Kind}.
 *   <li>Test it against recorded values of an independent implementation.
 *   <li>Describe it in docs/frontend.md.
 * </ol>
 */
@NullMarked
package melgauge.features;

import org.jspecify.annotations.NullMarked;
