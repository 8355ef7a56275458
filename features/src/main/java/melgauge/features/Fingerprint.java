package melgauge.features;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * What a track sounds like, coarsely, in {@value #LENGTH} bytes: enough to tell that two files hold the same recording,
 * whatever they were encoded with. Made while the frames of the track pass by, in memory that does not grow with it.
 *
 * <p>The bands are put together into at most 16 groups, the track is cut into 16 segments of equal length, and each
 * segment is described by the mean of each group (the logarithm of its power, if the features are powers or decibels).
 * The mean of each segment over the groups, and of each group over the segments, is taken away, so that level,
 * equalisation and an encoder's low-pass count for little. What is left, how the balance of the groups changes in the
 * course of the track, is cut at twice its root mean square, since a moment of silence would otherwise outweigh all
 * music, and scaled to bytes. Two fingerprints are compared by the cosine of the angle between them.
 *
 * <p>The length of a track is not known before its end. Frames are summed in blocks, at first of one frame; whenever
 * {@value Builder#BLOCKS} blocks are full, neighbours are merged. The segments are put together from the blocks at the
 * end, those that a boundary cuts in proportion.
 *
 * <p>Blank, hence like no other, is the fingerprint of a track with fewer than 16 frames, of one whose frames never
 * change, such as silence, and of features with fewer than {@value #FEWEST_BANDS} bands, in which too many tracks look
 * alike.
 *
 * <p>Immutable. Fingerprints of different feature settings must not be compared.
 */
public final class Fingerprint {
    /** Bytes in a fingerprint. */
    public static final int LENGTH = 256;

    /** {@code long}s that the signs of a fingerprint take. */
    public static final int SIGN_WORDS = LENGTH / Long.SIZE;

    private static final int SEGMENTS = 16;
    private static final int GROUPS = 16;
    private static final int FEWEST_BANDS = 8;

    /** What is left of the deviations of a track that does not change is rounding and the padding at its ends. */
    private static final double LEAST_CHANGE = 0.01;

    /** In units of their root mean square: beyond this, values are cut, so that a moment of silence does not decide. */
    private static final double LARGEST = 2;

    private static final Fingerprint BLANK = new Fingerprint(new byte[LENGTH]);

    private final byte[] values;
    private final int squares;

    private Fingerprint(byte[] values) {
        this.values = values;
        this.squares = dot(values, values);
    }

    /** The fingerprint that is like no other. */
    public static Fingerprint blank() {
        return BLANK;
    }

    /**
     * Reads what {@link #text} wrote.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static Fingerprint parse(String text) {
        if (text.isEmpty()) {
            return BLANK;
        }
        byte[] values = HexFormat.of().parseHex(text);
        if (values.length != LENGTH) {
            throw new IllegalArgumentException(
                    "the fingerprint has " + values.length + " bytes, it must have " + LENGTH);
        }
        return new Fingerprint(values);
    }

    /** Begins the fingerprint of a track whose frames are made with these settings. */
    public static Builder builder(FeatureSpec spec) {
        return new Builder(spec.bands(), spec.values());
    }

    /** As hexadecimal digits; empty if it is blank. */
    public String text() {
        return isBlank() ? "" : HexFormat.of().formatHex(values);
    }

    /** Whether it is like no other. */
    public boolean isBlank() {
        return squares == 0;
    }

    /** How much two tracks sound alike: from −1 to 1, the same; 0 if one of them is blank. */
    public double similarity(Fingerprint other) {
        return isBlank() || other.isBlank()
                ? 0
                : dot(values, other.values) / Math.sqrt((double) squares * other.squares);
    }

    private static int dot(byte[] a, byte[] b) {
        int sum = 0;
        for (int i = 0; i < LENGTH; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /**
     * The signs of {@value Long#SIZE} of the values, for a quick comparison: in similar fingerprints few signs differ.
     *
     * @param word from 0 to {@link #SIGN_WORDS} − 1
     */
    public long signs(int word) {
        long signs = 0;
        for (int i = 0; i < Long.SIZE; i++) {
            signs |= (values[word * Long.SIZE + i] > 0 ? 1L : 0L) << i;
        }
        return signs;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fingerprint fingerprint && Arrays.equals(values, fingerprint.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    /** What frames hold, as far as it matters for a mean. */
    public enum Values {
        /** Powers, or magnitudes. */
        POWERS,
        /** Decibels of powers; a mean of them would hear little but silence, where encoders differ most. */
        DECIBELS,
        /** Anything else, of which means are taken as they are. */
        OTHER
    }

    /** A fingerprint in the making. For one thread. */
    public static final class Builder implements FrameSink {
        private static final double SMALLEST_POWER = 1e-4;

        private static final double NEPER_PER_DECIBEL = Math.log(10) / 10;

        /** Enough that the smear at the boundaries of segments, which depends on the length, does not matter. */
        private static final int BLOCKS = 256;

        private final int bands;
        private final Values values;
        private final int groups;
        private final int[] groupOf;
        private final int[] groupSize;
        private final double[] sums;
        private long blockLength = 1;
        private long frames;

        /**
         * @param bands per frame, at least 1
         * @param values what they hold
         */
        Builder(int bands, Values values) {
            this.bands = bands;
            this.values = values;
            this.groups = Math.min(GROUPS, bands);
            this.groupOf = new int[bands];
            this.groupSize = new int[groups];
            for (int band = 0; band < bands; band++) {
                groupOf[band] = (int) ((long) band * groups / bands);
                groupSize[groupOf[band]]++;
            }
            this.sums = new double[BLOCKS * groups];
        }

        @Override
        public void accept(float[] frame) {
            if (frames == BLOCKS * blockLength) {
                merge();
            }
            int block = (int) (frames / blockLength) * groups;
            if (values == Values.DECIBELS) {
                for (int band = 0; band < bands; band++) {
                    sums[block + groupOf[band]] += Math.exp(frame[band] * NEPER_PER_DECIBEL);
                }
            } else {
                for (int band = 0; band < bands; band++) {
                    sums[block + groupOf[band]] += frame[band];
                }
            }
            frames++;
        }

        private void merge() {
            for (int block = 0; block < BLOCKS; block++) {
                for (int group = 0; group < groups; group++) {
                    double sum = sums[block * groups + group];
                    sums[block * groups + group] = 0;
                    sums[block / 2 * groups + group] += sum;
                }
            }
            blockLength *= 2;
        }

        /** The fingerprint of all frames so far. */
        public Fingerprint finish() {
            if (frames < SEGMENTS || bands < FEWEST_BANDS) {
                return BLANK;
            }
            double[] means = segmentMeans();
            if (values != Values.OTHER) {
                compress(means);
            }
            double before = deviation(means);
            subtractMeans(means, SEGMENTS, groups, groups, 1);
            subtractMeans(means, groups, SEGMENTS, 1, groups);
            double after = deviation(means);
            // Also where a value is not finite.
            if (!(after > LEAST_CHANGE * before && after <= Double.MAX_VALUE)) {
                return BLANK;
            }
            byte[] bytes = new byte[LENGTH];
            for (int i = 0; i < means.length; i++) {
                bytes[i] = (byte) Math.rint(127 * Math.max(-1, Math.min(1, means[i] / (LARGEST * after))));
            }
            return new Fingerprint(bytes);
        }

        /** {@code [segments, groups]} */
        private double[] segmentMeans() {
            double[] means = new double[SEGMENTS * groups];
            double length = frames / (double) SEGMENTS;
            for (int segment = 0; segment < SEGMENTS; segment++) {
                double begin = segment * length;
                double end = begin + length;
                for (long block = (long) (begin / blockLength);
                        block * blockLength < Math.min(end, (double) frames);
                        block++) {
                    double blockBegin = block * blockLength;
                    double blockEnd = Math.min((double) frames, blockBegin + blockLength);
                    double share = (Math.min(end, blockEnd) - Math.max(begin, blockBegin)) / (blockEnd - blockBegin);
                    for (int group = 0; group < groups; group++) {
                        means[segment * groups + group] +=
                                share * sums[(int) block * groups + group] / (length * groupSize[group]);
                    }
                }
            }
            return means;
        }

        /** To decibels, in tens, down to 40 dB below the largest; values that are no powers stay as they are. */
        private static void compress(double[] means) {
            double largest = Arrays.stream(means).max().orElseThrow();
            if (largest > 0 && Arrays.stream(means).noneMatch(mean -> mean < 0)) {
                for (int i = 0; i < means.length; i++) {
                    means[i] = Math.log10(means[i] / largest + SMALLEST_POWER);
                }
            }
        }

        /** Takes the mean of each of {@code lines} lines of {@code length} values away from them. */
        private static void subtractMeans(double[] values, int lines, int length, int lineStep, int step) {
            for (int line = 0; line < lines; line++) {
                double mean = 0;
                for (int i = 0; i < length; i++) {
                    mean += values[line * lineStep + i * step] / length;
                }
                for (int i = 0; i < length; i++) {
                    values[line * lineStep + i * step] -= mean;
                }
            }
        }

        private static double deviation(double[] values) {
            double mean = Arrays.stream(values).average().orElseThrow();
            return Math.sqrt(Arrays.stream(values)
                    .map(value -> (value - mean) * (value - mean))
                    .average()
                    .orElseThrow());
        }
    }
}
