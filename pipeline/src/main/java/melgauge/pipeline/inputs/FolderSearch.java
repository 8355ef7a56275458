package melgauge.pipeline.inputs;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import melgauge.data.Failure;
import melgauge.data.PathBytes;

/**
 * The audio files below one folder, depth first, the names of each folder in the order of their bytes. Links are
 * followed, to files and to folders. A folder that is met a second time, because a link leads back to it or because
 * several lead to it, is skipped: so there are neither circles nor more visits than folders.
 *
 * <p>Nothing that may hold tracks is lost silently: a folder that cannot be listed is an input with a failure, and so is
 * whatever cannot be looked up and may be a folder. What is no regular file is never opened.
 *
 * <p>Memory holds the names of the folders from the first to the present one, and an identity of each folder visited.
 */
final class FolderSearch {
    /** How many folders may lie in one another. No collection is so deep; a disk gone wrong may be. */
    static final int DEEPEST = 256;

    /** Lists a folder's files, without their order. */
    @FunctionalInterface
    interface Lister {
        /**
         * Adds the names of a folder's files.
         *
         * @throws IOException if it cannot be listed, or not to its end; those added until then are its files
         */
        void list(Path folder, Collection<Path> names) throws IOException;
    }

    private record Level(Path folder, String text, Iterator<Path> names) {}

    private final boolean all;
    private final Inputs.Sink sink;
    private final Lister lister;
    private final Deque<Level> levels = new ArrayDeque<>();
    private final Set<Object> visited = new HashSet<>();
    private long skipped;

    /**
     * A search.
     *
     * @param all whether files that are not audio by name are inputs, too
     */
    FolderSearch(boolean all, Inputs.Sink sink) {
        this(all, sink, FolderSearch::list);
    }

    FolderSearch(boolean all, Inputs.Sink sink, Lister lister) {
        this.all = all;
        this.sink = sink;
        this.lister = lister;
    }

    /**
     * Searches a folder, once.
     *
     * @param text what the paths of its files begin with
     * @param attributes its own
     * @return how much was skipped: files that are not audio by name, and folders that were visited before
     */
    long search(Path folder, String text, BasicFileAttributes attributes) throws IOException {
        enter(folder, text, attributes);
        while (!levels.isEmpty()) {
            Level level = levels.getLast();
            if (level.names().hasNext()) {
                Path name = level.names().next();
                String slash = level.text().endsWith("/") ? "" : "/";
                look(level.folder().resolve(name), level.text() + slash + PathBytes.shown(name));
            } else {
                levels.removeLast();
            }
        }
        return skipped;
    }

    private void look(Path file, String text) throws IOException {
        boolean wanted = all || AudioNames.match(file);
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (IOException e) {
            if (wanted || mayBeFolder(file, e)) {
                sink.accept(new Inputs.Input(text, file, Failure.of(e)));
            } else {
                skipped++;
            }
            return;
        }
        if (attributes.isDirectory()) {
            enter(file, text, attributes);
        } else if (!wanted) {
            skipped++;
        } else {
            sink.accept(new Inputs.Input(text, file, attributes.isRegularFile() ? null : Inputs.NOT_REGULAR));
        }
    }

    /** A link to nothing or to itself is no folder; what is behind a door that is shut may be one. */
    private static boolean mayBeFolder(Path file, IOException e) {
        return Files.isSymbolicLink(file) ? e instanceof AccessDeniedException : !(e instanceof NoSuchFileException);
    }

    private void enter(Path folder, String text, BasicFileAttributes attributes) throws IOException {
        if (levels.size() == DEEPEST) {
            String reason =
                    "is a folder in " + DEEPEST + " others and was not searched; name it as an argument of its own";
            sink.accept(new Inputs.Input(text, folder, new Failure(Failure.Code.UNREADABLE, reason)));
            return;
        }
        // Device and inode; where a file system has none, circles end at DEEPEST.
        if (!visited.add(Objects.requireNonNullElse(attributes.fileKey(), folder))) {
            skipped++;
            return;
        }
        List<Path> names = new ArrayList<>();
        try {
            lister.list(folder, names);
        } catch (IOException e) {
            String reason =
                    "is a folder whose files cannot be listed: " + Failure.of(e).reason();
            sink.accept(new Inputs.Input(text, folder, new Failure(Failure.Code.UNREADABLE, reason)));
        }
        // Paths compare by their bytes, whatever the locale.
        names.sort(null);
        levels.addLast(new Level(folder, text, names.iterator()));
    }

    private static void list(Path folder, Collection<Path> names) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                names.add(file.getFileName());
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
