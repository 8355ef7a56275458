package melgauge.pipeline.tagging;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import melgauge.data.AudioException;
import melgauge.data.Failure;
import melgauge.data.FileStatus;
import melgauge.data.UsageException;
import melgauge.data.catalog.BatchCatalog;
import melgauge.data.tags.AudioTags;
import melgauge.model.task.Target;
import melgauge.pipeline.Monitor;
import melgauge.pipeline.TrackTask;
import melgauge.pipeline.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Writes predictions into the files that they were made of. What a catalogue knows of a file goes on to hold: the status of
 * the file that was written is recorded in place of the one before, so that nobody takes it for a changed one.
 *
 * <p>Whoever is stopped between the two finds a file of another status, predicts it again, comes to the same values, since
 * the audio is the same, and finds them written.
 */
final class FileTags {
    /** Failures that may be over although the file has not changed: its status tells neither permissions nor room. */
    private static final Set<Failure.Code> PASSING =
            Set.of(Failure.Code.MISSING, Failure.Code.UNREADABLE, Failure.Code.UNWRITABLE, Failure.Code.MEMORY);

    private final Names names;
    private final BatchCatalog catalog;
    private final String maker;
    private final int threads;

    FileTags(Names names, BatchCatalog catalog, String maker, int threads) {
        this.names = names;
        this.catalog = catalog;
        this.maker = maker;
        this.threads = threads;
    }

    /**
     * What the fields of a model are called.
     *
     * @param targets a name for each target, in order
     * @param model what tells the model from others
     */
    record Names(List<String> targets, String model) {
        private static final String BEGIN = "MELGAUGE_";
        private static final String MODEL = BEGIN + "MODEL";
        private static final int LONGEST = 100;

        Names {
            targets = List.copyOf(targets);
        }

        /** @throws UsageException if two targets would have the same field, or one that of the model */
        static Names of(List<Target> targets, String digest) {
            Map<String, String> owners = new TreeMap<>(Map.of(MODEL, "the model itself"));
            for (Target target : targets) {
                String name = name(target);
                String other = owners.put(name, "target " + target.name());
                if (other != null) {
                    throw new UsageException(
                            "--write-tags cannot write target " + target.name() + ": its field would be "
                                    + name + ", and so would be that of " + other
                                    + "; train with a name that differs in more than punctuation and case");
                }
                if (name.length() > LONGEST) {
                    throw new UsageException(
                            "--write-tags cannot write target " + target.name() + ": its field would be " + name + ", "
                                    + name.length() + " characters, and " + LONGEST + " are the most");
                }
            }
            return new Names(targets.stream().map(Names::name).toList(), digest.substring(0, 16));
        }

        private static String name(Target target) {
            return BEGIN + target.name().toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
        }

        /** The fields of a row, with its values as the table has them. */
        Map<String, String> fields(TagRow row) {
            Map<String, String> fields = new TreeMap<>(Map.of(MODEL, model));
            for (int t = 0; t < targets.size(); t++) {
                fields.put(
                        targets.get(t),
                        String.format(Locale.ROOT, "%.6f", row.values().get(t)));
            }
            return fields;
        }
    }

    /**
     * What became of the files.
     *
     * @param tagged how many were written into
     * @param untagged how many inputs have a prediction and could not be written into
     */
    record Count(long tagged, long untagged) {}

    /** An input that has a prediction, and the row that is recorded of it. */
    private record Item(BatchCatalog.Input input, Path file, BatchCatalog.Result result, TagRow row) {}

    /** @param row the row as it is now */
    private record Outcome(BatchCatalog.Input input, TagRow row, boolean written) {}

    /**
     * Writes all predictions that are not in their files yet, and says of each that cannot be written why.
     *
     * @param inputs how many there are
     * @param retry whether to try again what could not be written before for a reason that lies in the file
     */
    Count write(long inputs, boolean retry, Monitor monitor) throws IOException, InterruptedException {
        long[] count = new long[2];
        Iterator<Item> items = catalog.inputs(this::item);
        if (!items.hasNext()) {
            return new Count(0, 0);
        }
        try (Monitor.Task task = monitor.begin("writing tags", "files");
                Workers workers = new Workers(threads)) {
            TrackTask<Item, Outcome> tagging = () -> item -> tag(item, retry);
            workers.each(items, tagging, outcome -> {
                count[0] += outcome.written() ? 1 : 0;
                if (outcome.row().untagged()) {
                    count[1]++;
                    monitor.say("not tagged: " + outcome.input().path() + ": "
                            + outcome.row().tags());
                }
                task.at(outcome.input().number() + 1, inputs);
            });
        }
        return new Count(count[0], count[1]);
    }

    /** An input that is to be written into, or could not be; null for the others. */
    private @Nullable Item item(BatchCatalog.Input input) throws IOException {
        Path file = input.file();
        if (file == null || input.failure() != null) {
            return null;
        }
        BatchCatalog.Result result = catalog.result(maker, file).orElseThrow();
        TagRow row = Tagger.row(result);
        return row.failed() || "".equals(row.tags()) ? null : new Item(input, file, result, row);
    }

    private Outcome tag(Item item, boolean retry) throws IOException {
        TagRow row = item.row();
        if (row.untagged() && !retry && PASSING.stream().noneMatch(row::untaggedBy)) {
            return new Outcome(item.input(), row, false);
        }
        @Nullable FileStatus status = item.result().status();
        boolean written = false;
        String failure = "";
        try {
            written = write(item.file(), status, names.fields(row));
            status = FileStatus.of(item.file());
        } catch (AudioException e) {
            failure = e.failure().toString();
        } catch (IOException e) {
            failure = new Failure(Failure.Code.UNWRITABLE, String.valueOf(e.getMessage())).toString();
        }
        TagRow tagged = row.tagged(failure);
        catalog.revise(maker, item.file(), status, Tagger.json(tagged));
        return new Outcome(item.input(), tagged, written);
    }

    /**
     * Writes into a file that is still the one that was predicted. One that is not has been written under another of its
     * names, or has been changed by somebody else.
     */
    private static boolean write(Path file, @Nullable FileStatus predicted, Map<String, String> fields)
            throws IOException {
        if (FileStatus.of(file).equals(predicted)) {
            return AudioTags.write(file, fields);
        }
        if (!AudioTags.read(file, fields.keySet()).equals(fields)) {
            throw new AudioException(
                    Failure.Code.UNWRITABLE, "was changed after it was predicted; the same command predicts it again");
        }
        return false;
    }
}
