package melgauge.data.tags;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import melgauge.data.AudioException;
import melgauge.data.Failure;

/** FLAC, by RFC 9639: blocks of metadata, one of which holds Vorbis comments, then frames of audio. */
final class FlacContainer implements Container {
    private static final int STREAM_INFO = 0;
    private static final int PADDING_BLOCK = 1;
    private static final int COMMENTS = 4;
    private static final int INVALID = 127;
    private static final int LAST = 0x80;
    private static final int HEADER = 4;
    private static final int LONGEST = 0xffffff;

    /** Room for other programs to edit tags without moving the audio. */
    private static final int PADDING = 4096;

    /** A block without its header. */
    private record Block(int type, ByteBuffer content) {}

    /**
     * A file before its frames.
     *
     * @param begin where the stream begins, behind an ID3 tag that has no place there and stays
     * @param blocks without padding
     * @param audio where frames begin
     */
    private record Head(long begin, List<Block> blocks, long audio) {}

    private static Head head(FileBytes file) throws IOException {
        long begin = Id3Tag.length(file, 0);
        List<Block> blocks = new ArrayList<>();
        long at = begin + HEADER;
        long held = 0;
        for (boolean last = false; !last; ) {
            int header = file.read("the header of a FLAC block", at, HEADER).getInt();
            last = (header & LAST << 24) != 0;
            int type = header >> 24 & 0x7f;
            int length = header & LONGEST;
            at += HEADER;
            file.require("a FLAC block", at, length);
            if (type == INVALID || (blocks.isEmpty() && type != STREAM_INFO)) {
                throw damaged("a block of kind " + type + " stands where none can");
            }
            if (type != PADDING_BLOCK) {
                held += length;
                if (held > FileBytes.MOST) {
                    throw new AudioException(
                            Failure.Code.UNSUPPORTED,
                            "its FLAC metadata takes more than " + FileBytes.MOST
                                    + " bytes; tags are written to files in which it takes less");
                }
                blocks.add(new Block(type, file.read("a FLAC block", at, length)));
            }
            at += length;
        }
        if (blocks.stream().filter(block -> block.type() == COMMENTS).count() > 1) {
            throw damaged("it has Vorbis comments twice");
        }
        return new Head(begin, blocks, at);
    }

    private static AudioException damaged(String how) {
        return new AudioException(Failure.Code.DAMAGED, "its FLAC metadata is damaged: " + how);
    }

    @Override
    public void list(FileBytes file, Contents.Builder into) throws IOException {
        Head head = head(file);
        into.part("the ID3 tag in front of it", file.digest(0, head.begin()));
        for (Block block : head.blocks()) {
            if (block.type() == COMMENTS) {
                ByteBuffer content = block.content().duplicate();
                VorbisComments.read(content).list(into);
                if (content.hasRemaining()) {
                    into.part("what follows its comments", content);
                }
            } else {
                into.part("its FLAC block of kind " + block.type(), block.content());
            }
        }
        if (head.blocks().stream().noneMatch(block -> block.type() == COMMENTS)) {
            VorbisComments.empty().list(into);
        }
        into.part("its audio", file.digest(head.audio(), file.size()));
    }

    @Override
    public void write(Path original, Path copy, Map<String, String> fields) throws IOException {
        try (FileBytes file = FileBytes.open(original);
                FileChannel out =
                        FileChannel.open(copy, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            Head head = head(file);
            List<Block> blocks = with(head.blocks(), fields);
            long room = head.audio() - head.begin() - HEADER;
            for (Block block : blocks) {
                room -= HEADER + block.content().remaining();
            }
            int padding = (int) Math.min(LONGEST, room >= HEADER ? room - HEADER : PADDING);
            blocks.add(new Block(PADDING_BLOCK, ByteBuffer.allocate(padding)));
            file.copy(0, head.begin() + HEADER, out);
            for (int i = 0; i < blocks.size(); i++) {
                Block block = blocks.get(i);
                int length = block.content().remaining();
                if (length > LONGEST) {
                    throw new AudioException(
                            Failure.Code.UNSUPPORTED,
                            "its Vorbis comments would take " + length + " bytes; FLAC has room for " + LONGEST);
                }
                int last = i == blocks.size() - 1 ? LAST : 0;
                FileBytes.writeFully(
                        out,
                        ByteBuffer.allocate(HEADER)
                                .putInt((last | block.type()) << 24 | length)
                                .flip());
                FileBytes.writeFully(out, block.content());
            }
            file.copy(head.audio(), file.size(), out);
        }
    }

    private static List<Block> with(List<Block> blocks, Map<String, String> fields) throws IOException {
        List<Block> result = new ArrayList<>();
        boolean found = false;
        for (Block block : blocks) {
            found |= block.type() == COMMENTS;
            result.add(block.type() == COMMENTS ? comments(VorbisComments.read(block.content()), fields) : block);
        }
        if (!found) {
            result.add(1, comments(VorbisComments.empty(), fields));
        }
        return result;
    }

    private static Block comments(VorbisComments comments, Map<String, String> fields) {
        return new Block(COMMENTS, comments.with(fields).toBytes());
    }
}
