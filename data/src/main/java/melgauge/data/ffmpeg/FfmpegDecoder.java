package melgauge.data.ffmpeg;

import java.io.ByteArrayOutputStream;
import java.lang.ref.Cleaner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import melgauge.data.Audio;
import melgauge.data.AudioException;
import melgauge.data.AudioStream;
import melgauge.data.Decoder;
import melgauge.data.Downmix;
import melgauge.data.Excerpt;
import melgauge.data.Failure;
import melgauge.data.FileStatus;
import melgauge.data.PathBytes;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * Decodes with FFmpeg's libavformat, libavcodec and libswresample in this process. Encoder delay and padding (LAME
 * header, edit lists, Opus pre-skip) are taken away as FFmpeg does it.
 *
 * <p>Only the file itself is read: no other protocol is allowed, and only containers of audio are tried, so that no
 * playlist or reference inside a file can make it open another. Thread-safe: a call shares nothing with another.
 */
public final class FfmpegDecoder implements Decoder {
    private static final String CONTAINERS =
            "mp3,ogg,flac,wav,w64,aiff,mov,mp4,m4a,aac,matroska,webm,caf,au,wv,ape,asf,dsf,"
                    + "iff,ac3,eac3,amr,tta,mpc,mpc8,shn,voc,oma,tak,truehd,dts,gsm,loas,mpeg,mpegts,avi,flv,spdif,sox,bonk";

    /** What a file says of its own sizes is believed up to here. */
    private static final long MOST_BYTES_AT_ONCE = 256L << 20;

    static {
        // FFmpeg's log is one setting of the process; it would write to stderr between a command's own lines.
        avutil.av_log_set_level(avutil.AV_LOG_QUIET);
        avutil.av_max_alloc(MOST_BYTES_AT_ONCE);
    }

    /** Of the operating system, negated, as FFmpeg gives them; these are the same everywhere. */
    private static final int IO_ERROR = -5;

    private static final int NO_MEMORY = -12;
    private static final int NO_PERMISSION = -13;
    private static final int INVALID_ARGUMENT = -22;

    private static final int BLOCK = 1 << 14;

    private static final Cleaner CLEANER = Cleaner.create();

    private final ResamplerPool resamplers = new ResamplerPool();

    /** A decoder; whoever decodes many files keeps it, since it keeps the tables of its resamplers. */
    public FfmpegDecoder() {
        CLEANER.register(this, resamplers);
    }

    /** The version of the codec library, such as {@code libavcodec 62.11.100}. */
    public static String version() {
        int version = avcodec.avcodec_version();
        return "libavcodec " + (version >> 16) + "." + (version >> 8 & 0xff) + "." + (version & 0xff);
    }

    @Override
    public AudioStream open(Path file, int sampleRate, Downmix downmix, Excerpt excerpt) throws AudioException {
        if (sampleRate < 1) {
            throw new IllegalArgumentException("sampleRate=" + sampleRate + " must be at least 1 Hz");
        }
        requireReadable(file);
        return new FfmpegStream(file, sampleRate, downmix, excerpt, resamplers);
    }

    /**
     * Resamples audio in memory by the filter that files go through.
     *
     * @param sampleRate of the result, in Hz, at least 1
     * @throws AudioException if there is no filter between the two rates
     */
    public Audio resample(Audio audio, int sampleRate) throws AudioException {
        if (audio.sampleRate() == sampleRate) {
            return audio;
        }
        Resampler resampler = resamplers.borrow(sampleRate);
        try {
            float[] in = audio.samples();
            float[] out = new float
                    [(int) Math.min(
                            Integer.MAX_VALUE - 16L, BLOCK + (long) in.length * sampleRate / audio.sampleRate())];
            int length = 0;
            for (int from = 0; from < in.length; from += BLOCK) {
                int to = Math.min(in.length, from + BLOCK);
                resampler.add(Arrays.copyOfRange(in, from, to), to - from, audio.sampleRate());
                length += resampler.take(out, length, out.length - length);
            }
            resampler.drain();
            length += resampler.take(out, length, out.length - length);
            return new Audio(Arrays.copyOf(out, length), sampleRate);
        } finally {
            resamplers.giveBack(resampler);
        }
    }

    private static void requireReadable(Path file) throws AudioException {
        if (FileStatus.of(file).size() == 0) {
            throw new AudioException(Failure.Code.EMPTY, "is empty (0 bytes)");
        }
        if (!Files.isReadable(file)) {
            throw new AudioException(Failure.Code.UNREADABLE, "may not be read (permission denied)");
        }
    }

    /** The file's name in the very bytes that the file system has, zero-terminated, behind the one protocol allowed. */
    static byte[] url(Path file) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("file:".getBytes(StandardCharsets.US_ASCII));
        bytes.writeBytes(PathBytes.of(file.toAbsolutePath()));
        bytes.write(0);
        return bytes.toByteArray();
    }

    /** Options for opening a file: nothing but the file, nothing but audio containers. */
    static AVDictionary openOptions() {
        AVDictionary options = new AVDictionary(null);
        avutil.av_dict_set(options, "protocol_whitelist", "file", 0);
        avutil.av_dict_set(options, "format_whitelist", CONTAINERS, 0);
        return options;
    }

    /** The kind of failure that an error code of FFmpeg stands for. */
    static Failure.Code code(int error) {
        if (error == avutil.AVERROR_INVALIDDATA || error == avutil.AVERROR_EOF || error == INVALID_ARGUMENT) {
            return Failure.Code.NOT_AUDIO;
        }
        if (error == avutil.AVERROR_PATCHWELCOME || error == avutil.AVERROR_DECODER_NOT_FOUND) {
            return Failure.Code.UNSUPPORTED;
        }
        if (error == NO_MEMORY) {
            return Failure.Code.MEMORY;
        }
        return error == IO_ERROR || error == NO_PERMISSION ? Failure.Code.UNREADABLE : Failure.Code.DAMAGED;
    }

    /** FFmpeg's own words for an error code. */
    static String reason(int error) {
        // The latter for a format that is known and is none of audio, such as a playlist.
        if (error == avutil.AVERROR_INVALIDDATA || error == INVALID_ARGUMENT) {
            return "its content is not in any known audio format";
        }
        if (error == avutil.AVERROR_EOF) {
            return "it ends before any audio begins";
        }
        byte[] text = new byte[avutil.AV_ERROR_MAX_STRING_SIZE];
        avutil.av_strerror(error, text, text.length);
        int length = 0;
        while (length < text.length && text[length] != 0) {
            length++;
        }
        return new String(text, 0, length, StandardCharsets.UTF_8);
    }
}
