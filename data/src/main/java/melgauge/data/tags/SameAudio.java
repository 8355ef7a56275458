package melgauge.data.tags;

import java.nio.file.Path;
import java.util.Arrays;
import melgauge.data.AudioException;
import melgauge.data.AudioStream;
import melgauge.data.Decoder;
import melgauge.data.Excerpt;
import melgauge.data.SourceInfo;

/** Compares what two files sound like, sample for sample, in memory that does not grow with them. */
final class SameAudio {
    private static final int BLOCK = 1 << 14;
    private static final int USUAL_RATE = 44_100;

    private SameAudio() {}

    /**
     * Whether both are decoded to the same samples, bit for bit, at the first one's own rate.
     *
     * @throws AudioException if one of them cannot be decoded
     */
    static boolean of(Decoder decoder, Path first, Path second) throws AudioException {
        int rate;
        try (AudioStream stream = decoder.open(first, USUAL_RATE, Excerpt.WHOLE)) {
            rate = stream.info().sampleRate();
        }
        try (AudioStream a = decoder.open(first, rate, Excerpt.WHOLE);
                AudioStream b = decoder.open(second, rate, Excerpt.WHOLE)) {
            float[] fromA = new float[BLOCK];
            float[] fromB = new float[BLOCK];
            while (true) {
                int countA = fill(a, fromA);
                int countB = fill(b, fromB);
                // Arrays.equals compares floats by their bits, so that what is not a number equals itself.
                if (!Arrays.equals(fromA, 0, countA, fromB, 0, countB)) {
                    return false;
                }
                if (countA < BLOCK) {
                    return same(a.info(), b.info());
                }
            }
        }
    }

    private static int fill(AudioStream stream, float[] into) throws AudioException {
        int count = 0;
        while (count < into.length) {
            int read = stream.read(into, count, into.length - count);
            if (read < 0) {
                break;
            }
            count += read;
        }
        return count;
    }

    /** The channels are compared mixed; what is known of them apart must be the same as well. */
    private static boolean same(SourceInfo a, SourceInfo b) {
        return a.codec().equals(b.codec())
                && a.sampleRate() == b.sampleRate()
                && a.channels() == b.channels()
                && a.samples() == b.samples()
                && a.peak() == b.peak()
                && a.clippedShare() == b.clippedShare()
                && a.mixRatio() == b.mixRatio()
                && a.warning().equals(b.warning());
    }
}
