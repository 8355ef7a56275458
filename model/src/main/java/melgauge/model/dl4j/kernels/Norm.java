package melgauge.model.dl4j.kernels;

/**
 * Batch normalisation and PReLU of each channel as the line z = scale·x + offset and the slope α below 0, with what the
 * gradients need.
 */
@SuppressWarnings("ArrayRecordComponent") // made and read within one pass, never compared
public record Norm(
        float[] mean, float[] variance, float[] gamma, double[] inverse, float[] scale, float[] offset, float[] alpha) {

    public static Norm of(float[] mean, float[] variance, double epsilon, float[] gamma, float[] beta, float[] alpha) {
        int channels = mean.length;
        double[] inverse = new double[channels];
        float[] scale = new float[channels];
        float[] offset = new float[channels];
        for (int c = 0; c < channels; c++) {
            inverse[c] = 1 / Math.sqrt(variance[c] + epsilon);
            scale[c] = (float) (gamma[c] * inverse[c]);
            offset[c] = (float) (beta[c] - mean[c] * gamma[c] * inverse[c]);
        }
        return new Norm(mean, variance, gamma, inverse, scale, offset, alpha);
    }

    int channels() {
        return mean.length;
    }

    float[] odd() {
        float[] odd = new float[alpha.length];
        for (int c = 0; c < odd.length; c++) {
            odd[c] = 0.5f * (1 + alpha[c]);
        }
        return odd;
    }

    float[] even() {
        float[] even = new float[alpha.length];
        for (int c = 0; c < even.length; c++) {
            even[c] = 0.5f * (1 - alpha[c]);
        }
        return even;
    }

    /**
     * The gradients that follow from sums over the batch.
     *
     * @param dz Σ dz of each channel
     * @param dzx Σ dz·x
     * @param dAlpha Σ e·min(z, 0)
     * @param count values of each channel
     */
    Gradients gradients(double[] dz, double[] dzx, double[] dAlpha, long count) {
        int channels = channels();
        float[] dBeta = new float[channels];
        float[] dGamma = new float[channels];
        float[] slopes = new float[channels];
        float[] c2 = new float[channels];
        float[] c3 = new float[channels];
        for (int c = 0; c < channels; c++) {
            // Σ dz·x̂ from Σ dz·x.
            double gammaGradient = (dzx[c] - mean[c] * dz[c]) * inverse[c];
            double square = -gamma[c] * inverse[c] * inverse[c] * gammaGradient / count;
            dBeta[c] = (float) dz[c];
            dGamma[c] = (float) gammaGradient;
            slopes[c] = (float) dAlpha[c];
            c2[c] = (float) square;
            c3[c] = (float) (-gamma[c] * inverse[c] * dz[c] / count - square * mean[c]);
        }
        return new Gradients(dGamma, dBeta, slopes, c2, c3);
    }

    /**
     * Gradients of the parameters, and the line c₂·x + c₃ that normalisation adds to the gradient of every x.
     *
     * @param gamma of γ
     * @param beta of β
     * @param alpha of α
     */
    @SuppressWarnings("ArrayRecordComponent") // made and read within one pass, never compared
    public record Gradients(float[] gamma, float[] beta, float[] alpha, float[] c2, float[] c3) {}
}
