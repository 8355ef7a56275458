package melgauge.data.ffmpeg;

import java.nio.file.Path;
import java.util.Objects;
import melgauge.data.AudioException;
import melgauge.data.Failure;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/** The best audio stream of one open file, frame by frame. Everything native that it holds is freed by {@link #close}. */
final class Source implements AutoCloseable {
    private static final int EAGAIN = org.bytedeco.ffmpeg.presets.avutil.AVERROR_EAGAIN();

    private final Path file;
    private final AVPacket packet = avcodec.av_packet_alloc();
    private final AVFrame frame = avutil.av_frame_alloc();
    private AVFormatContext format = new AVFormatContext(null);
    private @Nullable AVCodecContext codec;
    private AVStream stream = new AVStream(null);
    private int streamIndex;
    private int damaged;
    private boolean packetsEnded;
    /** Where in the file the part begins that is open: behind it, for the later links of a chained Ogg file. */
    private long offset;

    /** Where the next link of a chained Ogg file begins; −1 if there is none. */
    private long nextLink = -1;

    /** What the first link says of itself. */
    private String codecName = "";

    private int sampleRate;
    private int channels;
    private double declaredSeconds = Double.NaN;

    Source(Path file) {
        this.file = file;
    }

    /** Opens the file. */
    void open() throws AudioException {
        int result = openContainer();
        if (result == avutil.AVERROR_INVALIDDATA) {
            // A tag in front of a format that has no place for one, such as WAV.
            offset = FileLayout.leadingTag(file);
            result = offset > 0 ? openContainer() : result;
        }
        check(result);
        openStream();
        codecName = avcodec.avcodec_get_name(stream.codecpar().codec_id()).getString();
        sampleRate = stream.codecpar().sample_rate();
        channels = stream.codecpar().ch_layout().nb_channels();
        declaredSeconds = duration();
        if ("wav".equals(format.iformat().name().getString())) {
            // Not the other way round: a data chunk with a wrong, small size is read to the end of the file.
            double stated = FileLayout.wavSeconds(file, offset);
            declaredSeconds = Double.isNaN(declaredSeconds) || stated > declaredSeconds ? stated : declaredSeconds;
        }
    }

    private int openContainer() {
        format = new AVFormatContext(null);
        AVDictionary options = FfmpegDecoder.openOptions();
        avutil.av_dict_set_int(options, "skip_initial_bytes", offset, 0);
        try (BytePointer name = new BytePointer(FfmpegDecoder.url(file))) {
            return avformat.avformat_open_input(format, name, null, options);
        } finally {
            avutil.av_dict_free(options);
        }
    }

    /** Chooses the best audio stream of what was opened. */
    private void openStream() throws AudioException {
        check(avformat.avformat_find_stream_info(format, (PointerPointer<?>) null));
        AVCodec decoder = new AVCodec(null);
        streamIndex = avformat.av_find_best_stream(format, avutil.AVMEDIA_TYPE_AUDIO, -1, -1, decoder, 0);
        if (streamIndex == avutil.AVERROR_STREAM_NOT_FOUND) {
            throw new AudioException(Failure.Code.NO_AUDIO, "holds no audio stream");
        }
        if (streamIndex == avutil.AVERROR_DECODER_NOT_FOUND) {
            throw new AudioException(Failure.Code.UNSUPPORTED, "its audio is in a codec that cannot be decoded");
        }
        check(streamIndex);
        for (int i = 0; i < format.nb_streams(); i++) {
            format.streams(i).discard(i == streamIndex ? avcodec.AVDISCARD_DEFAULT : avcodec.AVDISCARD_ALL);
        }
        stream = format.streams(streamIndex);
        nextLink = "ogg".equals(format.iformat().name().getString()) ? FileLayout.nextOggLink(file, offset) : -1;

        AVCodecContext context = avcodec.avcodec_alloc_context3(decoder);
        codec = context;
        check(avcodec.avcodec_parameters_to_context(context, stream.codecpar()));
        // Without the stream's time base the decoder can't tell where encoder delay and padding end.
        context.pkt_timebase(stream.time_base());
        context.thread_count(1);
        check(avcodec.avcodec_open2(context, decoder, (PointerPointer<?>) null));
    }

    /**
     * The next frame that can be decoded, valid until the next call; null at the end. What is damaged is skipped and
     * counted.
     */
    @Nullable
    AVFrame next() {
        avutil.av_frame_unref(frame);
        while (true) {
            AVCodecContext context = codec;
            if (context == null) {
                return null; // the last link could not be opened
            }
            int received = avcodec.avcodec_receive_frame(context, frame);
            if (received >= 0) {
                if (frame.sample_rate() >= 1 && frame.ch_layout().nb_channels() >= 1) {
                    return frame;
                }
                avutil.av_frame_unref(frame);
                continue;
            }
            if (received == avutil.AVERROR_EOF) {
                return null;
            }
            if (received != EAGAIN) {
                damaged++;
            }
            if (packetsEnded) {
                return null;
            }
            send(context);
        }
    }

    /** Hands the next packet of the stream to the decoder, or the news that there is none. */
    private void send(AVCodecContext context) {
        int read = readPacket();
        if (isNextLink(read)) {
            avcodec.av_packet_unref(packet);
            openNextLink();
            return;
        }
        if (read < 0) {
            damaged += read == avutil.AVERROR_EOF ? 0 : 1;
            packetsEnded = true;
            avcodec.avcodec_send_packet(context, null);
            return;
        }
        if (avcodec.avcodec_send_packet(context, packet) < 0) {
            damaged++;
        }
        avcodec.av_packet_unref(packet);
    }

    private int readPacket() {
        int read = avformat.av_read_frame(format, packet);
        while (read >= 0 && packet.stream_index() != streamIndex) {
            avcodec.av_packet_unref(packet);
            read = avformat.av_read_frame(format, packet);
        }
        return read;
    }

    /**
     * Whether what was read belongs to the next link of a chained Ogg file. libavformat itself ends where rate or channels
     * differ; where only the codec or its tables do, as from one encoder setting to another, it goes on, and libavcodec
     * makes noise of it.
     */
    private boolean isNextLink(int read) {
        return nextLink >= 0 && (read < 0 || packet.pos() >= nextLink);
    }

    /**
     * Opens the next link like a file of its own. What the decoder still holds of the one before is a part of a block,
     * which the format drops as well. A link that cannot be opened counts as damage, and is the end.
     */
    private void openNextLink() {
        closeContainer();
        offset = nextLink;
        nextLink = -1;
        try {
            check(openContainer());
            openStream();
        } catch (AudioException e) {
            damaged++;
            closeContainer();
        }
    }

    /** Frees the decoder, without which there is no next frame, and the container. */
    private void closeContainer() {
        if (codec != null) {
            avcodec.avcodec_free_context(codec);
            codec = null;
        }
        if (!format.isNull()) {
            avformat.avformat_close_input(format);
        }
    }

    /**
     * Passes over packets that end before a time stamp, without decoding them.
     *
     * @return whether all packets said when they are; if not, where the next frame belongs is unknown
     */
    boolean skipUntil(long timestamp) {
        AVCodecContext context = Objects.requireNonNull(codec, "open first");
        while (true) {
            int read = readPacket();
            if (isNextLink(read)) {
                avcodec.av_packet_unref(packet);
                return false; // its time stamps begin anew
            }
            if (read < 0) {
                packetsEnded = true;
                avcodec.avcodec_flush_buffers(context);
                avcodec.avcodec_send_packet(context, null);
                return true;
            }
            if (packet.pts() == avutil.AV_NOPTS_VALUE) {
                avcodec.av_packet_unref(packet);
                return false;
            }
            if (packet.pts() + packet.duration() >= timestamp) {
                avcodec.avcodec_flush_buffers(context);
                if (avcodec.avcodec_send_packet(context, packet) < 0) {
                    damaged++;
                }
                avcodec.av_packet_unref(packet);
                return true;
            }
            avcodec.av_packet_unref(packet);
        }
    }

    /** Units of the stream's time stamps in one sample at the given rate; 0 if that is no whole number. */
    long timestampsPerSample(int rate) {
        long ticks = stream.time_base().den();
        long samples = (long) stream.time_base().num() * rate;
        return samples > 0 && ticks % samples == 0 ? ticks / samples : 0;
    }

    /** Packets that could not be decoded. */
    int damaged() {
        return damaged;
    }

    /** Forgets damage: what was decoded so far is not used. */
    void forgetDamage() {
        damaged = 0;
    }

    /** The codec's short name. */
    String codec() {
        return codecName;
    }

    int sampleRate() {
        return sampleRate;
    }

    int channels() {
        return channels;
    }

    /** The duration that the container states, or NaN. */
    double declaredSeconds() {
        return declaredSeconds;
    }

    private double duration() {
        if (format.duration_estimation_method() == avformat.AVFMT_DURATION_FROM_BITRATE) {
            return Double.NaN; // a guess from the first packets, which is far off where the bit rate varies
        }
        if (stream.duration() != avutil.AV_NOPTS_VALUE && stream.time_base().den() != 0) {
            return stream.duration()
                    * (double) stream.time_base().num()
                    / stream.time_base().den();
        }
        return format.duration() == avutil.AV_NOPTS_VALUE
                ? Double.NaN
                : format.duration() / (double) avutil.AV_TIME_BASE;
    }

    private static void check(int result) throws AudioException {
        if (result < 0) {
            throw new AudioException(
                    FfmpegDecoder.code(result),
                    "is not an audio file that can be decoded: " + FfmpegDecoder.reason(result));
        }
    }

    @Override
    public void close() {
        avutil.av_frame_free(frame);
        avcodec.av_packet_free(packet);
        closeContainer();
    }
}
