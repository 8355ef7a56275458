package melgauge.data.tags;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** MP3: an ID3v2 tag, and behind it frames of audio up to the file's end, or up to older tags that stay as they are. */
final class Mp3Container implements Container {
    private static final int VERSION_1 = 128;

    /** Whether a frame of MPEG audio begins here: ISO 11172-3, 2.4.1.3. */
    static boolean isFrame(FileBytes file, long at) throws IOException {
        if (at + 4 > file.size()) {
            return false;
        }
        int header = file.read("a frame", at, 4).getInt();
        boolean sync = header >>> 21 == 0x7ff;
        boolean version = (header >> 19 & 3) != 1;
        boolean layer = (header >> 17 & 3) != 0; // 0 is AAC
        boolean rates = (header >> 12 & 15) != 15 && (header >> 10 & 3) != 3;
        return sync && version && layer && rates;
    }

    @Override
    public void list(FileBytes file, Contents.Builder into) throws IOException {
        tag(file).list(into);
        long audio = file.skipZeros(Id3Tag.length(file, 0));
        into.part("its audio", file.digest(audio, file.size()));
    }

    @Override
    public void write(Path original, Path copy, Map<String, String> fields) throws IOException {
        try (FileBytes file = FileBytes.open(original);
                FileChannel out =
                        FileChannel.open(copy, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            long tag = Id3Tag.length(file, 0);
            FileBytes.writeFully(out, tag(file).with(fields).toBytes(tag));
            file.copy(file.skipZeros(tag), file.size(), out);
        }
    }

    /** The tag as a player sees it. */
    private static Id3Tag tag(FileBytes file) throws IOException {
        long length = Id3Tag.length(file, 0);
        if (length > 0) {
            return Id3Tag.read(file.read("the ID3 tag", 0, length));
        }
        long old = file.size() - VERSION_1;
        return file.has(old, "TAG") ? Id3Tag.ofVersion1(file.read("the ID3v1 tag", old, VERSION_1)) : Id3Tag.empty();
    }
}
