package melgauge.pipeline.tagging;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import melgauge.data.Failure;
import melgauge.data.FileStatus;
import melgauge.data.catalog.BatchCatalog;
import melgauge.model.inference.Inference;
import org.jspecify.annotations.Nullable;

/** The inputs of a job that have no result yet, or none that still counts. For one thread. */
final class Backlog implements Iterator<Backlog.Item> {
    private final BatchCatalog catalog;
    private final String maker;
    private final Inference.Wanted wanted;
    private final boolean retry;
    private final Iterator<Item> items;
    private long known;
    private long unusable;

    /** @param retry whether what failed before counts as having no result */
    Backlog(BatchCatalog catalog, String maker, Inference.Wanted wanted, boolean retry) {
        this.catalog = catalog;
        this.maker = maker;
        this.wanted = wanted;
        this.retry = retry;
        this.items = catalog.inputs(this::item);
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
        return items.hasNext();
    }

    @Override
    public Item next() {
        return items.next();
    }

    /** What is to be done about an input; null if nothing. */
    private @Nullable Item item(BatchCatalog.Input input) throws IOException {
        Path file = input.file();
        if (file == null || input.failure() != null) {
            unusable++;
            return null;
        }
        FileStatus status = FileStatus.find(file).orElse(null);
        Optional<BatchCatalog.Result> result = catalog.result(maker, file);
        if (result.isPresent() && counts(result.get(), status)) {
            known++;
            return null;
        }
        return new Item(file, status);
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
}
