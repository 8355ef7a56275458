package melgauge.data.tags;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import melgauge.data.AudioException;
import melgauge.data.Failure;
import melgauge.data.FileDigest;

/**
 * M4A: atoms in atoms (ISO 14496-12), with tags as iTunes writes them, in {@code moov/udta/meta/ilst}. Tables say where in
 * the file the audio of each moment is, so that it is found again only if they are changed whenever it moves.
 */
final class Mp4Container implements Container {
    /** Whose free-form fields are found by every program that reads any. */
    static final String OWNER = "com.apple.iTunes";

    /** The library that writes these files counts their bytes with 32 bits. */
    private static final long LONGEST = Integer.MAX_VALUE;

    private static final int MOST_ATOMS = 10_000;
    private static final int HEADER = 8;
    private static final int TEXT = 1;
    private static final Set<String> ROOM = Set.of("free", "skip", "wide");
    private static final Set<String> FOLDERS = Set.of("trak", "mdia", "minf", "stbl", "udta");

    /**
     * An atom of the file.
     *
     * @param begin of its content
     */
    private record Atom(String type, long begin, long end) {}

    private static List<Atom> atoms(FileBytes file) throws IOException {
        List<Atom> atoms = new ArrayList<>();
        for (long at = 0; at < file.size(); ) {
            ByteBuffer header = file.read("an atom", at, HEADER);
            long length = header.getInt(0) & 0xffffffffL;
            int before = HEADER;
            if (length == 1) {
                before = 2 * HEADER;
                length = file.read("an atom", at, before).getLong(HEADER);
            } else if (length == 0) {
                length = file.size() - at;
            }
            String type = type(header, 4);
            if (length < before || atoms.size() == MOST_ATOMS) {
                throw damaged("atom " + type + " at byte " + at + " cannot be " + length + " bytes long");
            }
            file.require("its atom " + type, at, length);
            atoms.add(new Atom(type, at + before, at + length));
            at += length;
        }
        return atoms;
    }

    private static String type(ByteBuffer bytes, int at) {
        byte[] type = new byte[4];
        bytes.get(at, type);
        return new String(type, StandardCharsets.ISO_8859_1);
    }

    private static AudioException damaged(String how) {
        return new AudioException(Failure.Code.DAMAGED, "its MP4 atoms are damaged: " + how);
    }

    private static AudioException unsupported(String what) {
        return new AudioException(Failure.Code.UNSUPPORTED, what);
    }

    @Override
    public void list(FileBytes file, Contents.Builder into) throws IOException {
        List<Atom> atoms = atoms(file);
        List<Atom> kept = new ArrayList<>();
        for (Atom atom : atoms) {
            if (atom.type().equals("moof")) {
                throw unsupported("is an MP4 file in fragments; tags are written to those in one piece");
            }
            if (!ROOM.contains(atom.type()) && !atom.type().equals("moov")) {
                kept.add(atom);
                into.part("its atom " + atom.type(), file.digest(atom.begin(), atom.end()));
            }
        }
        movie(file, atoms, kept, into);
    }

    private static Movie movie(FileBytes file, List<Atom> atoms, List<Atom> kept, Contents.Builder into)
            throws IOException {
        List<Atom> movies =
                atoms.stream().filter(atom -> atom.type().equals("moov")).toList();
        if (movies.size() != 1) {
            throw damaged("there is atom moov " + movies.size() + " times");
        }
        Atom atom = movies.get(0);
        Movie movie = new Movie(kept, into, new ArrayList<>());
        movie.list("moov", file.read("its atom moov", atom.begin(), atom.end() - atom.begin()), 1);
        return movie;
    }

    /**
     * What is in {@code moov}.
     *
     * @param kept the atoms that audio can be in
     * @param items the tags that are not asked for, each as the bytes of its atom
     */
    private record Movie(List<Atom> kept, Contents.Builder into, List<byte[]> items) {
        /** Folders are taken apart as deep as this: tables of places are four deep. */
        private static final int DEEPEST = 8;

        /** Takes an atom of a folder. */
        @FunctionalInterface
        interface Visitor {
            void accept(String type, ByteBuffer content) throws AudioException;
        }

        private static void forEach(ByteBuffer folder, Visitor visitor) throws AudioException {
            ByteBuffer in = folder.slice();
            while (in.remaining() >= HEADER) {
                int at = in.position();
                long length = in.getInt(at) & 0xffffffffL;
                if (length == 0) { // QuickTime ends a list so
                    break;
                }
                if (length < HEADER || length > in.remaining()) {
                    throw damaged("atom " + type(in, at + 4) + " is said to take " + length + " bytes, and "
                            + in.remaining() + " are left");
                }
                visitor.accept(type(in, at + 4), in.slice(at + HEADER, (int) length - HEADER));
                in.position(at + (int) length);
            }
            while (in.hasRemaining()) {
                if (in.get() != 0) {
                    throw damaged("there is something between atoms");
                }
            }
        }

        void list(String path, ByteBuffer folder, int depth) throws AudioException {
            forEach(folder, (type, content) -> {
                String name = path + "/" + type;
                if (FOLDERS.contains(type) && depth < DEEPEST) {
                    list(name, content, depth + 1);
                } else if (type.equals("meta")) {
                    meta(name, content);
                } else if (type.equals("stco") || type.equals("co64")) {
                    into.part("its table " + name, places(content, type.equals("stco") ? 4 : 8));
                } else if (!ROOM.contains(type)) {
                    if (type.equals("hdlr")
                            && content.remaining() >= 12
                            && type(content, 8).equals("vide")) {
                        throw unsupported("is a film; tags are written to MP4 files that hold nothing but audio");
                    }
                    into.part("its atom " + name, content);
                }
            });
        }

        /** The digest of where the parts of the audio are, each as the atom that it is in and its place there. */
        private String places(ByteBuffer table, int width) throws AudioException {
            long count = table.remaining() < 8 ? -1 : table.getInt(4) & 0xffffffffL;
            if (count < 0 || count * width > table.remaining() - 8) {
                throw damaged("a table of " + count + " places has " + table.remaining() + " bytes");
            }
            MessageDigest digest = FileDigest.sha256();
            ByteBuffer pair = ByteBuffer.allocate(2 * Long.BYTES);
            long[] begins = kept.stream().mapToLong(Atom::begin).toArray();
            for (int i = 0; i < count; i++) {
                long place = width == 4 ? table.getInt(8 + 4 * i) & 0xffffffffL : table.getLong(8 + 8 * i);
                int found = Arrays.binarySearch(begins, place);
                int atom = found < 0 ? -found - 2 : found;
                pair.clear().putLong(atom).putLong(atom < 0 ? place : place - begins[atom]);
                digest.update(pair.flip());
            }
            return HexFormat.of().formatHex(digest.digest());
        }

        private void meta(String path, ByteBuffer content) throws AudioException {
            // In ISO 14496-12 four bytes of version and flags come first, in QuickTime they don't.
            boolean bare = content.remaining() >= HEADER && type(content, 4).equals("hdlr");
            if (!bare && content.remaining() < 4) {
                throw damaged("atom " + path + " is too short");
            }
            forEach(bare ? content : content.slice(4, content.remaining() - 4), (type, inner) -> {
                if (type.equals("ilst")) {
                    forEach(inner, (item, value) -> {
                        if (item(item, value) && path.equals("moov/udta/meta")) {
                            items.add(atom(item, value));
                        }
                    });
                } else if (!type.equals("hdlr") && !ROOM.contains(type)) {
                    into.part("its atom " + path + "/" + type, inner);
                }
            });
        }

        /** Lists a tag. Returns whether it is one that is not asked for. */
        private boolean item(String type, ByteBuffer content) throws AudioException {
            if (!type.equals("----")) {
                into.part("its field " + type.replace('\u00a9', '@'), content);
                return true;
            }
            List<String> texts = new ArrayList<>();
            List<String> values = new ArrayList<>();
            forEach(content, (inner, bytes) -> {
                boolean value = inner.equals("data");
                if (bytes.remaining() < (value ? 8 : 4)) {
                    throw damaged("atom " + inner + " of a field is too short");
                }
                boolean text = !value || bytes.getInt(0) == TEXT;
                ByteBuffer rest = bytes.duplicate().position(value ? 8 : 4);
                (value ? values : texts)
                        .add(text ? StandardCharsets.UTF_8.decode(rest).toString() : "");
            });
            String name = texts.isEmpty() ? "" : texts.get(texts.size() - 1);
            if (texts.size() == 2 && texts.get(0).equals(OWNER) && into.wants(name)) {
                into.field(name, String.join("\0", values));
                return false;
            }
            into.part("its field " + String.join(":", texts), content);
            return true;
        }
    }

    /** An atom as bytes. */
    private static byte[] atom(String type, ByteBuffer content) {
        return ByteBuffer.allocate(HEADER + content.remaining())
                .putInt(HEADER + content.remaining())
                .put(type.getBytes(StandardCharsets.ISO_8859_1))
                .put(content.duplicate())
                .array();
    }

    private static ByteBuffer ascii(int before, int kind, String text) {
        return ByteBuffer.allocate(before + text.length())
                .putInt(kind)
                .position(before)
                .put(text.getBytes(StandardCharsets.US_ASCII))
                .rewind();
    }

    private static byte[] item(String name, String value) {
        // Each begins with a kind and flags; that of the value goes on with a language.
        byte[] mean = atom("mean", ascii(4, 0, OWNER));
        byte[] names = atom("name", ascii(4, 0, name));
        byte[] data = atom("data", ascii(8, TEXT, value));
        return atom(
                "----",
                ByteBuffer.allocate(mean.length + names.length + data.length)
                        .put(mean)
                        .put(names)
                        .put(data)
                        .flip());
    }

    @Override
    public void write(Path original, Path copy, Map<String, String> fields) throws IOException {
        try (FileBytes file = FileBytes.open(original)) {
            file.requireAtMost(LONGEST, "an MP4 file");
            List<byte[]> items = movie(file, atoms(file), List.of(), new Contents.Builder(fields.keySet()))
                    .items();
            fields.forEach((name, value) -> items.add(item(name, value)));
            Jaudiotagger.writeMp4(copy, items);
        }
    }
}
