package melgauge.pipeline.inputs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import melgauge.data.Failure;
import melgauge.data.FileNames;
import melgauge.data.UsageException;
import org.jspecify.annotations.Nullable;

/**
 * The inputs that arguments stand for, one after another, so that their number costs no memory:
 *
 * <ul>
 *   <li>a folder stands for the audio files below it, as {@link FolderSearch} finds them;
 *   <li>a playlist ({@code .m3u}, {@code .m3u8}, {@code .pls}) and a manifest ({@code .csv}, {@code .tsv} or {@code .jsonl}
 *       with a column {@code path}) for what they list, relative to their own folder, one input for each entry whatever it is;
 *   <li>{@code -} for what standard input lists;
 *   <li>anything else for itself, even if there is no such file.
 * </ul>
 *
 * <p>Files are looked up but not opened. Lists in lists and in folders are no lists but files like others.
 */
public final class Inputs {
    static final Failure NOT_REGULAR = new Failure(Failure.Code.NOT_A_FILE, "is not a regular file");
    static final Failure ON_A_NETWORK = FileNames.ON_A_NETWORK;

    private static final String STANDARD_INPUT = "-";

    private static final int MOST_NAMED = 5;

    private final Options options;
    private final InputStream stdin;
    private final Sink sink;
    private final List<String> notes = new ArrayList<>();
    private long inputs;
    private long skipped;

    private Inputs(Options options, InputStream stdin, Sink sink) {
        this.options = options;
        this.stdin = stdin;
        this.sink = input -> {
            inputs++;
            sink.accept(input);
        };
    }

    /**
     * One input: exactly one row of the output.
     *
     * @param path names it in the output: as given, or the given folder's name with that of the file in it
     * @param file where it is; null if there can be no such file
     * @param failure why it cannot be used, as far as that is known without opening it; null if it should be tried
     */
    public record Input(
            String path, @Nullable Path file, @Nullable Failure failure) {
        public Input {
            if (file == null && failure == null) {
                throw new IllegalArgumentException(path + " has neither a file nor a reason why there is none");
            }
        }
    }

    /** Takes inputs as they are found. */
    @FunctionalInterface
    public interface Sink {
        void accept(Input input) throws IOException;
    }

    /**
     * What was found.
     *
     * @param inputs how many
     * @param skipped files in folders that are not audio by name, and folders that links lead to once more
     * @param notes sentences on lists that are written in an unusual way
     */
    public record Found(long inputs, long skipped, List<String> notes) {
        public Found {
            notes = List.copyOf(notes);
        }
    }

    /**
     * How to look.
     *
     * @param nul a list on standard input ends its entries by NUL, not by line ends
     * @param all files in folders that are not audio by name are inputs, too
     */
    public record Options(boolean nul, boolean all) {}

    /**
     * Finds the inputs, in the order of the arguments.
     *
     * @param stdin what {@code -} stands for; not closed
     * @throws UsageException if there are none, or a list cannot be read
     * @throws IOException if the sink or standard input fails
     */
    public static Found find(List<String> arguments, Options options, InputStream stdin, Sink sink) throws IOException {
        if (Collections.frequency(arguments, STANDARD_INPUT) > 1) {
            throw new UsageException("- is given twice, but standard input can be read only once");
        }
        Inputs search = new Inputs(options, stdin, sink);
        for (String argument : arguments) {
            // Before any work, not after hours of it.
            search.requireReadableIfList(argument);
        }
        for (String argument : arguments) {
            search.add(argument);
        }
        if (search.inputs == 0) {
            throw new UsageException("no audio files in " + named(arguments)
                    + (search.skipped > 0 ? " (" + search.skipped + " other files skipped)" : "")
                    + "; name audio files, folders, playlists, manifests, or - for a list on standard input"
                    + (search.skipped > 0 ? "; --all takes every file of a folder, whatever its name" : ""));
        }
        return new Found(search.inputs, search.skipped, search.notes);
    }

    private void requireReadableIfList(String argument) {
        if (argument.equals(STANDARD_INPUT) || folder(argument) != null || !ListReader.isList(argument)) {
            return;
        }
        Input list = argued(argument);
        Failure failure = list.failure();
        if (failure == null && list.file() != null && !Files.isReadable(list.file())) {
            failure = new Failure(Failure.Code.UNREADABLE, "may not be read (permission denied)");
        }
        if (failure != null) {
            throw ListContent.unusable(argument, failure.reason());
        }
    }

    private void add(String argument) throws IOException {
        BasicFileAttributes folder = folder(argument);
        if (argument.equals(STANDARD_INPUT)) {
            char end = options.nul() ? '\0' : '\n';
            list(new LineReader(ListContent.standardInput(stdin, options.nul()), end), EntryResolver.ofStandardInput());
        } else if (folder != null) {
            skipped += new FolderSearch(options.all(), sink).search(Path.of(argument), argument, folder);
        } else if (ListReader.isList(argument)) {
            Path list = Path.of(argument);
            try (ListReader reader = ListReader.open(list)) {
                list(reader, EntryResolver.of(list));
                notes.addAll(reader.notes());
            }
        } else {
            sink.accept(argued(argument));
        }
    }

    private void list(ListReader list, EntryResolver resolver) throws IOException {
        for (ListReader.Entry entry = list.next(); entry != null; entry = list.next()) {
            sink.accept(resolver.resolve(entry));
        }
    }

    /** What the file system says of a folder; null if an argument is none. */
    private static @Nullable BasicFileAttributes folder(String argument) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(Path.of(argument), BasicFileAttributes.class);
            // The empty path is the working folder to Java, but an empty argument is a slip.
            return attributes.isDirectory() && !argument.isEmpty() ? attributes : null;
        } catch (IOException | InvalidPathException e) {
            return null;
        }
    }

    /** The input that an argument is by itself. */
    private static Input argued(String argument) {
        if (argument.isEmpty()) {
            return missing(argument, "the argument is empty");
        }
        if (FileNames.isAddress(argument)) {
            return new Input(argument, null, ON_A_NETWORK);
        }
        Input input;
        try {
            FileNames.Place place = FileNames.look(Path.of(argument));
            input = new Input(argument, place.file(), place.failure());
        } catch (InvalidPathException e) {
            input = missing(argument, "there can be no such file: " + e.getReason());
        }
        Failure failure = input.failure();
        if (failure != null
                && failure.code() == Failure.Code.MISSING
                && argument.chars().anyMatch(c -> c == '*' || c == '?')) {
            return missing(
                    argument,
                    "there is no such file: it looks like a pattern that the shell did not expand, because nothing matches it"
                            + " or because it is in quotes; leave the quotes away, or name the folder");
        }
        if (failure == null || failure.code() != Failure.Code.MISSING || argument.indexOf('\uFFFD') < 0) {
            return input;
        }
        return missing(
                argument,
                "there is no such file: bytes of its name that are no text in this locale were lost on the way here; name its"
                        + " folder, or list it on standard input (-)");
    }

    /** An input that can be no file. */
    static Input missing(String path, String reason) {
        return new Input(path, null, new Failure(Failure.Code.MISSING, reason));
    }

    private static String named(List<String> arguments) {
        String named = String.join(", ", arguments.subList(0, Math.min(MOST_NAMED, arguments.size())));
        int more = arguments.size() - MOST_NAMED;
        return more > 0 ? named + " and " + more + " more" : named;
    }
}
