package melgauge.data.tags;

import java.io.IOException;
import melgauge.data.AudioException;
import melgauge.data.Failure;

/** Tells by its first bytes which kind of file one is, whatever its name says. */
final class Containers {
    private static final String WRITTEN = "tags are written to MP3, FLAC, Ogg Vorbis, M4A, WAV, AIFF and WMA";

    private static final int OGG_HEADER = 27;

    private Containers() {}

    /** @throws AudioException if it is of a kind whose tags are not written */
    static Container of(FileBytes file) throws IOException {
        if (file.size() == 0) {
            throw new AudioException(Failure.Code.EMPTY, "is empty (0 bytes)");
        }
        long tag = Id3Tag.length(file, 0);
        file.require("its ID3 tag", 0, tag);
        if (file.has(tag, "fLaC")) {
            return new FlacContainer();
        }
        long begin = tag == 0 ? 0 : file.skipZeros(tag);
        if (Mp3Container.isFrame(file, begin)) {
            return new Mp3Container();
        }
        if (tag > 0) {
            throw unsupported(
                    file.has(begin, "ID3")
                            ? "has two ID3 tags, one behind the other, and programs differ in which they read"
                            : "has an ID3 tag, and neither MP3 nor FLAC behind it; " + WRITTEN);
        }
        if (file.has(0, "OggS")) {
            return ogg(file);
        }
        if (file.has(0, "RIFF") && file.has(8, "WAVE")) {
            return ChunkContainer.wav();
        }
        if (file.has(0, "FORM") && (file.has(8, "AIFF") || file.has(8, "AIFC"))) {
            return ChunkContainer.aiff();
        }
        if (file.has(4, "ftyp")) {
            return new Mp4Container();
        }
        if (AsfContainer.isAsf(file)) {
            return new AsfContainer();
        }
        throw unsupported("is in a format whose tags are not written; " + WRITTEN);
    }

    private static Container ogg(FileBytes file) throws IOException {
        int packet = OGG_HEADER + (file.read("an Ogg page", 0, OGG_HEADER).get(OGG_HEADER - 1) & 0xff);
        if (file.has(packet, "\u0001vorbis")) {
            return new OggContainer();
        }
        throw unsupported("is Ogg " + (file.has(packet, "OpusHead") ? "Opus" : "with something else than Vorbis") + "; "
                + WRITTEN);
    }

    private static AudioException unsupported(String what) {
        return new AudioException(Failure.Code.UNSUPPORTED, what);
    }
}
