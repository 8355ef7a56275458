package melgauge.pipeline.tagging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import melgauge.data.Failure;
import melgauge.data.FileStatus;
import melgauge.data.catalog.BatchCatalog;
import org.jspecify.annotations.Nullable;

/** The inputs of a job that have no result yet, or none that still counts. Holds a page of them. For one thread. */
final class Backlog implements Iterator<Backlog.Item> {
    private static final int PAGE = 256;

    private final BatchCatalog catalog;
    private final String maker;
    private final PatchBatches.Wanted wanted;
    private final boolean retry;
    private final Deque<Item> page = new ArrayDeque<>();
    private long next;
    private long known;
    private long unusable;
    private boolean ended;

    /** @param retry whether what failed before counts as having no result */
    Backlog(BatchCatalog catalog, String maker, PatchBatches.Wanted wanted, boolean retry) {
        this.catalog = catalog;
        this.maker = maker;
        this.wanted = wanted;
        this.retry = retry;
    }

    /**
     * An input to work on.
     *
     * @param file where it is
     * @param status of the file now; null if there is none
     */
    record Item(Path file, @Nullable FileStatus status) {}

    /** Inputs passed over so far, because there is nothing to try. */
    long unusable() {
        return unusable;
    }

    /** Inputs passed over so far, because all is known of them. */
    long known() {
        return known;
    }

    @Override
    public boolean hasNext() {
        try {
            while (page.isEmpty() && !ended) {
                List<BatchCatalog.Input> inputs = catalog.inputs(next, PAGE);
                next += inputs.size();
                ended = inputs.size() < PAGE;
                for (BatchCatalog.Input input : inputs) {
                    add(input);
                }
            }
            return !page.isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private void add(BatchCatalog.Input input) throws IOException {
        Path file = input.file();
        if (file == null || input.failure() != null) {
            unusable++;
            return;
        }
        FileStatus status = FileStatus.find(file).orElse(null);
        Optional<BatchCatalog.Result> result = catalog.result(maker, file);
        if (result.isPresent() && counts(result.get(), status)) {
            known++;
        } else {
            page.add(new Item(file, status));
        }
    }

    private boolean counts(BatchCatalog.Result result, @Nullable FileStatus status) throws IOException {
        if (status == null || !status.equals(result.status())) {
            return false; // to look whether a file is there costs nothing
        }
        TagRow row = Tagger.row(result);
        if (row.failed()) {
            // Permission to read does not show in a status.
            return !retry && !row.failedBy(Failure.Code.UNREADABLE);
        }
        return (!wanted.series() || result.series() != null) && (!wanted.vector() || result.vector() != null);
    }

    @Override
    public Item next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return page.removeFirst();
    }
}
