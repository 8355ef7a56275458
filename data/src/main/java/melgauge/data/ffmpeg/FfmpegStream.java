package melgauge.data.ffmpeg;

import java.nio.file.Path;
import java.util.Locale;
import melgauge.data.AudioException;
import melgauge.data.AudioStream;
import melgauge.data.Downmix;
import melgauge.data.Excerpt;
import melgauge.data.Failure;
import melgauge.data.SourceInfo;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/**
 * Joins a {@link Source}, a {@link FrameMixer} and a {@link Resampler}, and cuts the excerpt out between them.
 *
 * <p>Packets before an excerpt are passed over without decoding where their time stamps say exactly where they are. A
 * second in front of it is decoded and dropped, because most codecs need what came before to be in full swing.
 */
final class FfmpegStream implements AudioStream {
    private static final double RUN_UP_SECONDS = 1;

    private final int sampleRate;
    private final Excerpt excerpt;
    private final ResamplerPool pool;
    private final Resampler resampler;
    private final FrameMixer mixer;
    private Source source;
    /** The next frame to use; null at the end. */
    private @Nullable AVFrame frame;

    /** Rate of what {@code ahead} and {@code left} count. */
    private int rate;
    /** Samples to drop before the excerpt, and samples left of it; the latter at most {@link Long#MAX_VALUE}. */
    private long ahead;

    private long left = Long.MAX_VALUE;
    private long samples;
    private double secondsBefore;
    private boolean ended;
    private boolean closed;

    FfmpegStream(Path file, int sampleRate, Downmix downmix, Excerpt excerpt, ResamplerPool pool)
            throws AudioException {
        this.sampleRate = sampleRate;
        this.excerpt = excerpt;
        this.mixer = new FrameMixer(downmix);
        this.source = new Source(file);
        this.pool = pool;
        this.resampler = pool.borrow(sampleRate);
        try {
            source.open();
            if (!begin() && !approach()) {
                source.close();
                source = new Source(file);
                source.open();
                begin();
            }
            fill();
            if (resampler.available() == 0) {
                throw nothing();
            }
        } catch (AudioException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private AudioException nothing() {
        if (samples == 0 && secondsBefore > 0) {
            return new AudioException(
                    Failure.Code.TOO_SHORT,
                    String.format(
                            Locale.ROOT,
                            "is %.2f s long and ends before the excerpt, which starts at %.2f s",
                            secondsBefore,
                            excerpt.start()));
        }
        return source.damaged() > 0
                ? new AudioException(Failure.Code.DAMAGED, "no audio could be decoded: all of its packets are damaged")
                : new AudioException(Failure.Code.NO_AUDIO, "holds no audio samples");
    }

    /**
     * Decodes the first frame, which tells the rate.
     *
     * @return whether the excerpt is so near that nothing can be passed over
     */
    private boolean begin() {
        AVFrame first = source.next();
        frame = first;
        if (first == null) {
            return true;
        }
        rate = first.sample_rate();
        ahead = excerpt.samplesBefore(rate);
        left = excerpt.samples(rate);
        return excerpt.start() <= 2 * RUN_UP_SECONDS;
    }

    /** Passes over packets up to the run-up. Returns whether it is known where that is; if not, begin anew. */
    private boolean approach() {
        AVFrame first = frame;
        if (first == null) {
            return true;
        }
        long origin = first.pts();
        long step = source.timestampsPerSample(rate);
        if (origin == avutil.AV_NOPTS_VALUE || step == 0) {
            return false;
        }
        long target = origin + (ahead - Math.round(RUN_UP_SECONDS * rate)) * step;
        if (!source.skipUntil(target)) {
            return false;
        }
        AVFrame next = source.next();
        frame = next;
        if (next == null) {
            return false; // shorter than the excerpt's start: decode it to say how long it is
        }
        long position = (next.pts() - origin) / step;
        if (next.pts() == avutil.AV_NOPTS_VALUE || next.sample_rate() != rate || position < 0 || position > ahead) {
            return false;
        }
        ahead -= position;
        secondsBefore = position / (double) rate;
        source.forgetDamage();
        return true;
    }

    @Override
    public int sampleRate() {
        return sampleRate;
    }

    @Override
    public int read(float[] into, int offset, int length) throws AudioException {
        fill();
        return resampler.available() == 0 ? -1 : resampler.take(into, offset, length);
    }

    /** Decodes until there is something to take, or nothing more to come. */
    private void fill() throws AudioException {
        while (resampler.available() == 0 && !ended) {
            AVFrame current = frame;
            if (current == null || left == 0) {
                resampler.drain();
                ended = true;
            } else if (!resampler.continues(current.sample_rate())) {
                resampler.drain();
            } else {
                consume(current);
            }
        }
    }

    private void consume(AVFrame current) throws AudioException {
        if (current.sample_rate() != rate) {
            ahead = rescaled(ahead, current.sample_rate());
            left = rescaled(left, current.sample_rate());
            rate = current.sample_rate();
        }
        int dropped = (int) Math.min(current.nb_samples(), ahead);
        int count = (int) Math.min(current.nb_samples() - dropped, left);
        if (count > 0) {
            resampler.add(mixer.mix(current, dropped, count), count, rate);
            samples += count;
            left -= left == Long.MAX_VALUE ? 0 : count;
        }
        secondsBefore += dropped / (double) rate;
        ahead -= dropped;
        if (ahead > 0) {
            source.forgetDamage();
        }
        if (left > 0) {
            frame = source.next();
        }
    }

    private long rescaled(long count, int newRate) {
        return count == Long.MAX_VALUE ? count : Math.round(count * (newRate / (double) rate));
    }

    @Override
    public SourceInfo info() {
        return new SourceInfo(
                source.codec(),
                source.sampleRate(),
                source.channels(),
                samples,
                excerpt.of(source.declaredSeconds()),
                mixer.peak(),
                mixer.clippedShare(),
                mixer.mixRatio(),
                warning());
    }

    private String warning() {
        String warning = "";
        if (source.damaged() > 0) {
            warning = source.damaged() + (source.damaged() == 1 ? " damaged packet was" : " damaged packets were")
                    + " skipped";
        }
        if (mixer.notFinite() > 0) {
            warning += (warning.isEmpty() ? "" : "; ")
                    + (mixer.notFinite() == 1
                            ? "1 sample that is no number was set to 0"
                            : mixer.notFinite() + " samples that are no number were set to 0");
        }
        return warning;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            pool.giveBack(resampler);
            source.close();
        }
    }
}
