package melgauge.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The names that folders hold, to find those that are almost the wanted one. A folder is listed once and remembered, so
 * that a long list of wrong names costs one listing for each of its folders. For one thread.
 */
final class FolderListings {
    /** Of all folders together; those that were used longest ago are forgotten first. */
    private static final int MOST_NAMES = 500_000;

    private final Map<Path, Listing> listings = new LinkedHashMap<>(16, 0.75f, true);
    private long names;

    /** The listing of a folder; an empty one if it cannot be listed. */
    Listing of(Path folder) {
        Listing known = listings.get(folder);
        if (known != null) {
            return known;
        }
        Listing listing = new Listing(folder);
        listings.put(folder, listing);
        names += listing.size;
        Iterator<Listing> oldest = listings.values().iterator();
        while (names > MOST_NAMES && listings.size() > 1) {
            names -= oldest.next().size;
            oldest.remove();
        }
        return listing;
    }

    /** The names in one folder. */
    static final class Listing {
        /** By what is left of a name without its case, Unicode form and ending. */
        private final Map<String, List<Path>> names = new HashMap<>();

        private int size;

        private Listing(Path folder) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    Path name = file.getFileName();
                    names.computeIfAbsent(stem(loose(text(name))), none -> new ArrayList<>(1))
                            .add(name);
                    size++;
                }
            } catch (IOException | DirectoryIteratorException e) {
                // Nothing almost right is found then; that the folder cannot be read is said where it is opened.
                names.clear();
            }
            names.values().forEach(same -> same.sort(null));
        }

        /** The names that are this one in another Unicode form, or itself. */
        List<Path> inAnyForm(String name) {
            return candidates(name, text -> composed(text).equals(composed(name)));
        }

        /** The names that differ from this one only in case or form, or not at all. */
        List<Path> inAnyCase(String name) {
            return candidates(name, text -> loose(text).equals(loose(name)));
        }

        /** The names that differ from this one at most in case, form, and what follows the last dot. */
        List<Path> withAnyEnding(String name) {
            List<Path> near = inAnyCase(name);
            return near.isEmpty() ? candidates(name, text -> true) : near;
        }

        /** The name itself first. */
        private List<Path> candidates(String name, Predicate<String> wanted) {
            List<Path> near = names.getOrDefault(stem(loose(name)), List.of()).stream()
                    .filter(candidate -> wanted.test(text(candidate)))
                    .toList();
            return near.size() < 2
                    ? near
                    : near.stream()
                            .sorted(Comparator.comparing(
                                    candidate -> !text(candidate).equals(name)))
                            .toList();
        }

        private static String text(Path name) {
            return FileNames.utf8(new String(PathBytes.of(name), StandardCharsets.ISO_8859_1));
        }

        private static String composed(String text) {
            return Normalizer.normalize(text, Normalizer.Form.NFC);
        }

        private static String loose(String text) {
            return Normalizer.normalize(text.strip(), Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        }

        private static String stem(String name) {
            int dot = name.lastIndexOf('.');
            return dot > 0 ? name.substring(0, dot) : name;
        }
    }
}
