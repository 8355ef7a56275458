package melgauge.features;

/**
 * Power spectra of {@value #LANES} frames at once, in single precision: the same numbers as {@link Stft} up to 1e-7 of the
 * largest, in less than half of the time.
 *
 * <p>A Fourier transform of one frame takes its numbers from all over an array, which the JVM's compiler does not turn
 * into vector instructions. Here each number is a row, of one value for each of {@value #LANES} frames, and every step of
 * the transform is a loop over whole rows that it does turn into them: a real transform of length n is a complex one of
 * length n/2 on samples in pairs (decimation in frequency, radix 4, a last step of radix 2 where needed), and one pass
 * that takes the two halves of its spectrum apart. Rows change places instead of being copied; the order in which
 * frequencies end up is a table.
 *
 * <p>The loops are kept this small because larger ones are not vectorised: the compiler gives up on a loop that it cannot
 * unroll.
 *
 * <p>Tables are built once and shared by all threads; {@link #begin} gives each track its own rows.
 */
final class BlockTransform {
    /** Frames in a block. */
    static final int LANES = 64;

    private static final int SMALLEST = 256;
    /** Longer ones do not fit into the cache of a core, where this is no faster than one frame after the other. */
    private static final int LARGEST = 2048;

    private final int nFft;
    private final int half;
    private final int hopLength;
    private final float[] window;
    /** cos and sin of −2πk/half, and of −2πk/nFft. */
    private final float[] cosines;

    private final float[] sines;
    private final float[] halfCosines;
    private final float[] halfSines;
    /** The row in which each frequency of the complex transform ends up. */
    private final int[] places;

    /**
     * Whether a spec is one that this computes: powers, of the lengths that it is good at, and not in decibels, which show
     * what single precision loses.
     */
    static boolean suits(MelSpec spec) {
        int nFft = spec.nFft();
        return spec.power() == 2
                && spec.compression() != Loudness.Compression.DECIBEL
                && Integer.bitCount(nFft) == 1
                && nFft >= SMALLEST
                && nFft <= LARGEST
                && spec.hopLength() <= nFft;
    }

    /** @param window {@code nFft} values */
    BlockTransform(MelSpec spec, double[] window) {
        nFft = spec.nFft();
        half = nFft / 2;
        hopLength = spec.hopLength();
        this.window = new float[nFft];
        for (int i = 0; i < nFft; i++) {
            this.window[i] = (float) window[i];
        }
        cosines = new float[half];
        sines = new float[half];
        halfCosines = new float[half];
        halfSines = new float[half];
        places = new int[half];
        for (int k = 0; k < half; k++) {
            cosines[k] = (float) Math.cos(-2 * Math.PI * k / half);
            sines[k] = (float) Math.sin(-2 * Math.PI * k / half);
            halfCosines[k] = (float) Math.cos(-2 * Math.PI * k / nFft);
            halfSines[k] = (float) Math.sin(-2 * Math.PI * k / nFft);
            places[k] = place(k);
        }
    }

    /** The digits of a frequency, in reverse: to the base of 4, a last one to the base of 2 where needed. */
    private int place(int frequency) {
        int place = 0;
        int rest = frequency;
        int span = half;
        for (; span >= 4; rest /= 4) {
            span /= 4;
            place += rest % 4 * span;
        }
        return place + (span == 2 ? rest % 2 : 0);
    }

    /** Samples from the beginning of a block's first frame to the end of its last. */
    int blockLength() {
        return (LANES - 1) * hopLength + nFft;
    }

    /** Rows for one track. */
    Rows begin() {
        return new Rows();
    }

    /** The rows of one track. Not thread-safe. */
    final class Rows {
        private final float[][] samples = new float[hopLength][LANES + (nFft - 1) / hopLength];
        private final float[][] real = new float[half][LANES];
        private final float[][] imaginary = new float[half][LANES];
        private final float[][] powers = new float[half + 1][LANES];

        /**
         * Computes a block.
         *
         * @param signal holds {@link #blockLength} samples from {@code start} on
         * @return {@code [nFft/2 + 1][LANES]}, valid until the next call
         */
        float[][] powers(float[] signal, int start) {
            spread(signal, start);
            gather();
            transform();
            separate();
            return powers;
        }

        /** Sample {@code c·hopLength + r} of the block goes to row r, column c: each once, though frames overlap. */
        private void spread(float[] signal, int start) {
            int length = blockLength();
            for (int c = 0; c * hopLength < length; c++) {
                int first = start + c * hopLength;
                int rows = Math.min(hopLength, length - c * hopLength);
                for (int r = 0; r < rows; r++) {
                    samples[r][c] = signal[first + r];
                }
            }
        }

        /** Even samples become real, odd ones imaginary parts. Sample n of all frames is a stretch of one row. */
        private void gather() {
            for (int i = 0; i < half; i++) {
                gather(2 * i, real[i]);
                gather(2 * i + 1, imaginary[i]);
            }
        }

        private void gather(int n, float[] row) {
            System.arraycopy(samples[n % hopLength], n / hopLength, row, 0, LANES);
            scale(row, window[n]);
        }

        private void transform() {
            int span = half;
            for (; span >= 4; span /= 4) {
                int quarter = span / 4;
                int step = half / span;
                for (int j = 0; j < quarter; j++) {
                    for (int first = j; first < half; first += span) {
                        butterfly(first, quarter, j * step);
                    }
                }
            }
            for (int first = 0; span == 2 && first < half; first += 2) {
                sumAndDifference(real[first], real[first + 1]);
                sumAndDifference(imaginary[first], imaginary[first + 1]);
            }
        }

        /** Radix 4 on the rows {@code first + 0, 1, 2, 3 quarters}; the outputs are turned by 0, 1, 2, 3 times the angle. */
        private void butterfly(int first, int quarter, int angle) {
            float[] ar = real[first];
            float[] ai = imaginary[first];
            float[] br = real[first + quarter];
            float[] bi = imaginary[first + quarter];
            float[] cr = real[first + 2 * quarter];
            float[] ci = imaginary[first + 2 * quarter];
            float[] dr = real[first + 3 * quarter];
            float[] di = imaginary[first + 3 * quarter];
            sumAndDifference(ar, cr);
            sumAndDifference(ai, ci);
            sumAndDifference(br, dr);
            sumAndDifference(bi, di);
            sumAndDifference(ar, br);
            sumAndDifference(ai, bi);
            // (a − c) ∓ i·(b − d): real parts in cr and di, imaginary parts in dr and ci.
            sumAndDifference(cr, di);
            sumAndDifference(ci, dr);
            if (angle > 0) {
                turn(cr, dr, angle);
                turn(br, bi, 2 * angle);
                turn(di, ci, 3 * angle % half);
            }
            real[first + quarter] = cr;
            imaginary[first + quarter] = dr;
            real[first + 2 * quarter] = br;
            imaginary[first + 2 * quarter] = bi;
            real[first + 3 * quarter] = di;
            imaginary[first + 3 * quarter] = ci;
        }

        private void turn(float[] re, float[] im, int angle) {
            rotate(re, im, cosines[angle], sines[angle]);
        }

        /**
         * The spectrum of the samples from that of their pairs, Z: X[k] = E + W·O and X[half − k] = conj(E − W·O), where
         * 2E = Z[k] + conj Z[half − k], 2O = −i·(Z[k] − conj Z[half − k]) and W = exp(−2πik/nFft).
         */
        private void separate() {
            float[] re = real[places[0]];
            float[] im = imaginary[places[0]];
            sumAndDifference(re, im);
            square(re, powers[0]);
            square(im, powers[half]);
            for (int k = 1; k < half / 2; k++) {
                float[] zr = real[places[k]];
                float[] zi = imaginary[places[k]];
                float[] yr = real[places[half - k]];
                float[] yi = imaginary[places[half - k]];
                sumAndDifference(zr, yr);
                sumAndDifference(zi, yi);
                // Now 2E = zr + i·yi, and 2O = zi − i·yr.
                rotate(zi, yr, halfCosines[k], -halfSines[k]);
                // Now 2W·O = zi − i·yr.
                sumAndDifference(zr, zi);
                sumAndDifference(yi, yr);
                quarterOfSquares(zr, yr, powers[k]);
                quarterOfSquares(zi, yi, powers[half - k]);
            }
            sumOfSquares(real[places[half / 2]], imaginary[places[half / 2]], powers[half / 2]);
        }
    }

    private static void scale(float[] a, float factor) {
        for (int i = 0; i < a.length; i++) {
            a[i] *= factor;
        }
    }

    private static void sumAndDifference(float[] a, float[] b) {
        for (int i = 0; i < a.length; i++) {
            float x = a[i];
            float y = b[i];
            a[i] = x + y;
            b[i] = x - y;
        }
    }

    private static void rotate(float[] re, float[] im, float cosine, float sine) {
        for (int i = 0; i < re.length; i++) {
            float x = re[i];
            float y = im[i];
            re[i] = x * cosine - y * sine;
            im[i] = x * sine + y * cosine;
        }
    }

    private static void square(float[] a, float[] into) {
        for (int i = 0; i < a.length; i++) {
            into[i] = a[i] * a[i];
        }
    }

    private static void sumOfSquares(float[] a, float[] b, float[] into) {
        for (int i = 0; i < a.length; i++) {
            into[i] = a[i] * a[i] + b[i] * b[i];
        }
    }

    private static void quarterOfSquares(float[] a, float[] b, float[] into) {
        for (int i = 0; i < a.length; i++) {
            into[i] = 0.25f * (a[i] * a[i] + b[i] * b[i]);
        }
    }
}
