package melgauge.data;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the file that a name in a list means. Playlists and manifests are written by people, and by programs on other
 * systems, so a name is read in several ways, and the first reading that is there counts:
 *
 * <ol>
 *   <li>as it stands, byte for byte;
 *   <li>from ISO 8859-1 to UTF-8, with {@code /} for {@code \}, and without spaces around it;
 *   <li>with {@code %20} and the like decoded, as in a URL;
 *   <li>in another Unicode form: systems differ in whether é is one character or two (NFC, NFD).
 * </ol>
 *
 * <p>If no reading is there, the reason says which file is there whose name differs only in case, Unicode form, slashes
 * or ending. Folders are listed only then, each once. For one thread.
 */
public final class FileNames {
    /** Why an address such as {@code http://example.org/a.mp3} is no file. */
    public static final Failure ON_A_NETWORK =
            new Failure(Failure.Code.NOT_A_FILE, "is an address on a network, not a file");

    private static final Failure NO_SUCH_FILE = new Failure(Failure.Code.MISSING, "there is no such file");

    private static final Pattern URL =
            Pattern.compile("[a-z][a-z0-9+.-]+://.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern FILE_URL =
            Pattern.compile("file://(?:localhost)?(/.*)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern ESCAPE = Pattern.compile("%(\\p{XDigit}{2})");
    private static final Pattern DRIVE = Pattern.compile("[a-zA-Z]:/.*", Pattern.DOTALL);

    /** Of Linux: the bytes of a name in a path, and of a path without the NUL behind it. */
    private static final int LONGEST_NAME = 255;

    private static final int LONGEST_PATH = 4095;

    private final List<Path> folders;
    private final FolderListings listings = new FolderListings();

    /**
     * Resolves names.
     *
     * @param folders where relative names start; of several, the first in which a name is found counts
     */
    public FileNames(List<Path> folders) {
        if (folders.isEmpty()) {
            throw new IllegalArgumentException("names start from no folder; give at least one");
        }
        this.folders = List.copyOf(folders);
    }

    /**
     * Where a name leads.
     *
     * @param file where the file is or should be; null if there can be no such file
     * @param failure why it cannot be used, as far as that is known without opening it; null if it should be tried
     */
    public record Place(@Nullable Path file, @Nullable Failure failure) {
        boolean isMissing() {
            return failure != null && failure.code() == Failure.Code.MISSING;
        }
    }

    /** Finds the file that a name written in UTF-8 means, in any of its readings. */
    public Place find(String name) {
        return findBytes(latin1(name));
    }

    /**
     * Finds the file that a name means, in any of its readings.
     *
     * @param name a character in ISO 8859-1 for each of its bytes
     */
    public Place findBytes(String name) {
        String stripped = name.strip();
        if (isAddress(stripped)) {
            return findExactly(stripped);
        }
        Set<String> readings = new LinkedHashSet<>();
        for (String spaced : List.of(name, stripped)) {
            for (String encoded : List.of(spaced, latin1(utf8(spaced)))) {
                readings.add(encoded);
                readings.add(encoded.replace('\\', '/'));
            }
        }
        // Some players write relative names like addresses.
        readings.add(decoded(stripped));
        Place place = first(readings);
        if (place.isMissing()) {
            // ASCII has but one form.
            List<String> others = readings.stream()
                    .filter(reading -> reading.chars().anyMatch(c -> c >= 0x80))
                    .toList();
            Optional<Path> same = walk(others, (folder, part, last) -> folder.inAnyForm(part));
            if (same.isPresent()) {
                place = look(same.get());
            }
        }
        return place.isMissing() ? explained(place, readings) : place;
    }

    /**
     * Finds the file that a name means byte for byte, as programs print names; a {@code file:} URL is decoded.
     *
     * @param name a character in ISO 8859-1 for each of its bytes
     */
    public Place findExactly(String name) {
        Matcher file = FILE_URL.matcher(name);
        if (file.matches()) {
            List<String> readings = List.of(decoded(file.group(1)), file.group(1));
            Place place = first(readings);
            return place.isMissing() ? explained(place, readings) : place;
        }
        if (isAddress(name)) {
            return new Place(null, ON_A_NETWORK);
        }
        Place place = first(List.of(name));
        return place.isMissing() ? explained(place, List.of(name)) : place;
    }

    /** Whether a name is the address of something, such as {@code http://example.org}. */
    public static boolean isAddress(String name) {
        return URL.matcher(name).matches();
    }

    /** Looks a file up, without opening it. */
    public static Place look(Path file) {
        byte[] bytes = PathBytes.of(file.toAbsolutePath());
        int name = 0;
        for (byte b : bytes) {
            name = b == '/' ? 0 : name + 1;
            if (name > LONGEST_NAME) {
                return impossible("a name in it has more than " + LONGEST_NAME + " bytes");
            }
        }
        if (bytes.length > LONGEST_PATH) {
            return impossible("its path has more than " + LONGEST_PATH + " bytes");
        }
        try {
            FileStatus.of(file);
            return new Place(file, null);
        } catch (AudioException e) {
            return new Place(file, e.failure());
        }
    }

    private static Place impossible(String reason) {
        return new Place(null, new Failure(Failure.Code.MISSING, "there can be no such file: " + reason));
    }

    /** The first reading that is there; the very first if none is. */
    private Place first(Iterable<String> readings) {
        Place first = null;
        for (Path folder : folders) {
            for (String reading : readings) {
                Place place = at(folder, reading);
                if (!place.isMissing()) {
                    return place;
                }
                first = first == null ? place : first;
            }
        }
        return Objects.requireNonNull(first);
    }

    private static Place at(Path folder, String reading) {
        try {
            return look(folder.resolve(PathBytes.path(bytes(reading))));
        } catch (InvalidPathException e) {
            return impossible(e.getReason());
        }
    }

    /** Chooses names in a folder, the best first. */
    @FunctionalInterface
    private interface Step {
        /** {@code last} if the name is that of the file itself, not of a folder that leads to it. */
        List<Path> take(FolderListings.Listing folder, String name, boolean last);
    }

    /** The file that the first of the readings leads to, if each name in it may be another one of its folder's. */
    private Optional<Path> walk(Iterable<String> readings, Step step) {
        for (Path folder : folders) {
            for (String reading : readings) {
                List<String> names = Stream.of(reading.split("/", -1))
                        .filter(name -> !name.isEmpty() && !name.equals("."))
                        .toList();
                Optional<Path> end = names.isEmpty()
                        ? Optional.empty()
                        : walk(reading.startsWith("/") ? Path.of("/") : folder, names, step);
                if (end.isPresent()) {
                    return end;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Path> walk(Path folder, List<String> names, Step step) {
        if (names.isEmpty()) {
            return Optional.of(folder);
        }
        List<String> rest = names.subList(1, names.size());
        List<Path> next = names.get(0).equals("..")
                ? List.of(Path.of(".."))
                : step.take(listings.of(folder), utf8(names.get(0)), rest.isEmpty());
        return next.stream()
                .map(name -> walk(folder.resolve(name), rest, step))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** A place with the name of what is there instead. */
    private Place explained(Place missing, Iterable<String> readings) {
        if (!NO_SUCH_FILE.equals(missing.failure())) {
            return missing;
        }
        Step near = (folder, part, last) -> last ? folder.withAnyEnding(part) : folder.inAnyCase(part);
        Optional<Path> found = walk(readings, near);
        if (found.isEmpty()) {
            found = walk(belowAnotherFolder(readings), near);
        }
        return found.filter(path -> !path.equals(missing.file()))
                .map(path -> new Place(
                        missing.file(),
                        new Failure(Failure.Code.MISSING, "there is no such file; there is " + shown(path))))
                .orElse(missing);
    }

    /** Of absolute names, which are right on another machine: what they may be below a folder here. */
    private static List<String> belowAnotherFolder(Iterable<String> readings) {
        Set<String> ends = new LinkedHashSet<>();
        for (String reading : readings) {
            if (reading.startsWith("/") || DRIVE.matcher(reading).matches()) {
                for (int slash = reading.indexOf('/'); slash >= 0; slash = reading.indexOf('/', slash + 1)) {
                    ends.add(reading.substring(slash + 1));
                }
            }
        }
        return List.copyOf(ends);
    }

    /** A file as a name in a list would give it. */
    private String shown(Path file) {
        for (Path folder : folders) {
            if (!folder.toString().isEmpty() && file.startsWith(folder)) {
                return PathBytes.shown(folder.relativize(file));
            }
        }
        return PathBytes.shown(file);
    }

    private static String decoded(String url) {
        return ESCAPE.matcher(url)
                .replaceAll(escape ->
                        Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(escape.group(1), 16))));
    }

    /** What bytes mean in UTF-8 if they are that, else in ISO 8859-1, as they do in playlists of old. */
    public static String utf8(String latin1) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes(latin1)))
                    .toString();
        } catch (CharacterCodingException e) {
            return latin1;
        }
    }

    private static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A character for each byte of a text in UTF-8. */
    private static String latin1(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
