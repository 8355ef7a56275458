package melgauge.pipeline.inputs;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import melgauge.data.Failure;
import melgauge.data.PathBytes;
import melgauge.pipeline.inputs.Inputs.Input;

/**
 * Makes an input of each entry of a list. Names that a program prints are taken byte for byte. Playlists and manifests
 * are written by people and by programs on other systems: their entries are taken as they stand if there is such a file,
 * else without spaces around them, from ISO 8859-1 to UTF-8, and with {@code /} for {@code \}, whichever is there.
 */
final class EntryResolver {
    private static final Pattern URL =
            Pattern.compile("[a-z][a-z0-9+.-]+://.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern FILE_URL =
            Pattern.compile("file://(?:localhost)?(/.*)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern ESCAPE = Pattern.compile("%(\\p{XDigit}{2})");

    private final String list;
    private final Path folder;
    private final boolean exact;

    private EntryResolver(String list, Path folder, boolean exact) {
        this.list = list;
        this.folder = folder;
        this.exact = exact;
    }

    /** For a playlist or a manifest, from whose own folder relative names start. */
    static EntryResolver of(Path list) {
        Path folder = list.getParent();
        return new EntryResolver(list.toString(), folder == null ? Path.of("") : folder, false);
    }

    /** For names on standard input, which start from the working folder. */
    static EntryResolver ofStandardInput() {
        return new EntryResolver("standard input", Path.of(""), true);
    }

    /** The input that an entry stands for. */
    Input resolve(ListReader.Entry entry) {
        String name = entry.name();
        if (entry.isBlank() && !exact) {
            return Inputs.missing(text(entry), "there is no file in line " + entry.line() + " of " + list);
        }
        String stripped = exact ? name : name.strip();
        Matcher file = FILE_URL.matcher(stripped);
        if (file.matches()) {
            return first(entry, List.of(decoded(file.group(1)), file.group(1)));
        }
        if (isUrl(stripped)) {
            return new Input(text(entry), null, Inputs.ON_A_NETWORK);
        }
        if (exact) {
            return first(entry, List.of(name));
        }
        Set<String> readings = new LinkedHashSet<>();
        for (String spaced : List.of(name, stripped)) {
            for (String encoded : List.of(spaced, latin1(utf8(spaced).getBytes(StandardCharsets.UTF_8)))) {
                readings.add(encoded);
                readings.add(encoded.replace('\\', '/'));
            }
        }
        // Some players write relative names like addresses.
        readings.add(decoded(stripped));
        return first(entry, readings);
    }

    /** Whether a name is the address of something, such as {@code http://example.org}. */
    static boolean isUrl(String name) {
        return URL.matcher(name).matches();
    }

    /** The first reading that is there; the very first if none is. */
    private Input first(ListReader.Entry entry, Iterable<String> readings) {
        Input first = null;
        for (String reading : readings) {
            Input input = at(entry, reading);
            Failure failure = input.failure();
            if (failure == null || failure.code() != Failure.Code.MISSING) {
                return input;
            }
            first = first == null ? input : first;
        }
        return Objects.requireNonNull(first);
    }

    private Input at(ListReader.Entry entry, String reading) {
        Path path;
        try {
            path = PathBytes.path(reading.getBytes(StandardCharsets.ISO_8859_1));
        } catch (InvalidPathException e) {
            return Inputs.missing(text(entry), "there can be no such file: " + e.getReason());
        }
        return Inputs.look(text(entry), folder.resolve(path));
    }

    private String text(ListReader.Entry entry) {
        String text = exact ? PathBytes.shown(entry.name().getBytes(StandardCharsets.ISO_8859_1)) : utf8(entry.name());
        return text.replace("\0", "\\x00");
    }

    private static String decoded(String url) {
        return ESCAPE.matcher(url)
                .replaceAll(escape ->
                        Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(escape.group(1), 16))));
    }

    /** What the bytes mean in UTF-8 if they are that, else in ISO 8859-1, as they do in playlists of old. */
    private static String utf8(String latin1) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(latin1.getBytes(StandardCharsets.ISO_8859_1));
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            return latin1;
        }
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
