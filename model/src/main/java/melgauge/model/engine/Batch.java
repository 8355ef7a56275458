package melgauge.model.engine;

import org.jspecify.annotations.Nullable;

/**
 * What a network learns from in one step.
 *
 * @param patches at least {@code count} of them, one behind the other, each {@code [frames, bands]}
 * @param labels at least {@code [count, outputs]}, in [0,1], NaN where unlabelled
 * @param weights how much each label counts, as many as labels; null: all the same
 * @param count patches, at least 1
 */
@SuppressWarnings("ArrayRecordComponent") // buffers that are filled again and again, never compared
public record Batch(float[] patches, float[] labels, float @Nullable [] weights, int count) {}
