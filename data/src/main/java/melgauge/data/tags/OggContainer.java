package melgauge.data.tags;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import melgauge.data.AudioException;
import melgauge.data.Failure;
import melgauge.data.FileDigest;
import org.jspecify.annotations.Nullable;

/** Ogg Vorbis: one stream of packets in pages (RFC 3533), of which the second holds the comments (Vorbis I, section 4.2). */
final class OggContainer implements Container {
    private static final int HEADER = 27;
    private static final int CONTINUED = 1;
    private static final int LAST = 4;
    private static final int WHOLE_SEGMENT = 255;

    /** The library that writes these files holds them in memory, twice. */
    private static final long LONGEST = 256L << 20;

    /** The polynomial of RFC 3533, section 6; unlike that of {@link java.util.zip.CRC32}, not reflected. */
    private static final int[] CRC = new int[256];

    static {
        for (int i = 0; i < CRC.length; i++) {
            int crc = i << 24;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc << 1 ^ (crc < 0 ? 0x04c11db7 : 0);
            }
            CRC[i] = crc;
        }
    }

    @Override
    public void list(FileBytes file, Contents.Builder into) throws IOException {
        Packets packets = new Packets(into);
        long at = 0;
        while (file.has(at, "OggS")) {
            at = packets.page(file, at);
        }
        packets.finish();
        into.part("what follows its audio", file.digest(at, file.size()));
    }

    private static VorbisComments comments(Path original) throws IOException {
        try (FileBytes file = FileBytes.open(original)) {
            Packets packets = new Packets(new Contents.Builder(Set.of()));
            for (long at = 0; packets.comments == null && file.has(at, "OggS"); ) {
                at = packets.page(file, at);
            }
            return Objects.requireNonNull(packets.comments, "the file was listed before");
        }
    }

    /** The packets of a file, as its pages come. */
    private static final class Packets {
        private final Contents.Builder into;
        private final ByteArrayOutputStream header = new ByteArrayOutputStream();
        private final MessageDigest audio = FileDigest.sha256();
        private int serial;
        private int nextPage;
        private int packet;
        private int length;
        private boolean open;
        private @Nullable VorbisComments comments;

        Packets(Contents.Builder into) {
            this.into = into;
        }

        /** Takes a page. Returns where the next one begins. */
        long page(FileBytes file, long at) throws IOException {
            int segments = file.read("an Ogg page", at, HEADER).get(HEADER - 1) & 0xff;
            ByteBuffer lacing = file.read("an Ogg page", at + HEADER, segments);
            int content = 0;
            for (int i = 0; i < segments; i++) {
                content += lacing.get(i) & 0xff;
            }
            int length = HEADER + segments + content;
            ByteBuffer page = file.read("an Ogg page", at, length).order(ByteOrder.LITTLE_ENDIAN);
            int flags = page.get(5);
            if (nextPage == 0) {
                serial = page.getInt(14);
            }
            if (page.getInt(14) != serial) {
                throw new AudioException(
                        Failure.Code.UNSUPPORTED, "has several Ogg streams; tags are written to files that have one");
            }
            if (page.getInt(18) != nextPage++ || ((flags & CONTINUED) != 0) != open || page.getInt(22) != crc(page)) {
                throw new AudioException(
                        Failure.Code.DAMAGED, "its Ogg page at byte " + at + " is damaged or out of order");
            }
            page.position(HEADER + segments);
            boolean audible = packet >= 3;
            for (int i = 0; i < segments; i++) {
                int segment = lacing.get(i) & 0xff;
                take(page.slice(page.position(), segment));
                page.position(page.position() + segment);
                open = segment == WHOLE_SEGMENT;
                if (!open) {
                    endPacket();
                }
            }
            if (audible) {
                audio.update(page.slice(6, Long.BYTES)); // the time of its end
                audio.update((byte) (flags & LAST));
            }
            return at + length;
        }

        private void take(ByteBuffer bytes) throws AudioException {
            length += bytes.remaining();
            if (packet >= 3) {
                audio.update(bytes);
                return;
            }
            if (length > FileBytes.MOST) {
                throw new AudioException(
                        Failure.Code.UNSUPPORTED,
                        "a header of its Vorbis stream takes more than " + FileBytes.MOST
                                + " bytes; tags are written to files in which it takes less");
            }
            while (bytes.hasRemaining()) {
                header.write(bytes.get());
            }
        }

        private void endPacket() throws AudioException {
            ByteBuffer bytes = ByteBuffer.wrap(header.toByteArray());
            header.reset();
            switch (packet) {
                case 0, 2 -> into.part("the settings of its decoder", bytes);
                case 1 -> comments(bytes);
                default -> audio.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, length));
            }
            packet++;
            length = 0;
        }

        private void comments(ByteBuffer bytes) throws AudioException {
            byte[] magic = "\u0003vorbis".getBytes(StandardCharsets.ISO_8859_1);
            if (bytes.remaining() < magic.length
                    || !bytes.slice(0, magic.length).equals(ByteBuffer.wrap(magic))) {
                throw new AudioException(Failure.Code.DAMAGED, "its second Vorbis header is none of comments");
            }
            bytes.position(magic.length);
            comments = VorbisComments.read(bytes);
            comments.list(into);
            while (bytes.hasRemaining()) {
                int rest = bytes.get();
                if (rest != 0 && rest != 1) { // the bit that ends the packet, and room that some programs leave
                    into.part("what follows its comments", bytes);
                }
            }
        }

        void finish() throws AudioException {
            if (packet < 3) {
                throw new AudioException(Failure.Code.DAMAGED, "ends before its three Vorbis headers do");
            }
            into.part("its audio", HexFormat.of().formatHex(audio.digest()));
        }

        private static int crc(ByteBuffer page) {
            int crc = 0;
            for (int i = 0; i < page.limit(); i++) {
                int b = i >= 22 && i < 26 ? 0 : page.get(i) & 0xff;
                crc = crc << 8 ^ CRC[crc >>> 24 ^ b];
            }
            return crc;
        }
    }

    @Override
    public void write(Path original, Path copy, Map<String, String> fields) throws IOException {
        try (FileBytes file = FileBytes.open(original)) {
            file.requireAtMost(LONGEST, "an Ogg file");
        }
        Jaudiotagger.writeOgg(original, copy, comments(original).with(fields));
    }
}
