package melgauge.pipeline.tagging;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Hands rows on in the order of their numbers, each as soon as all before it have been handed on. Thread-safe. */
final class InOrder {
    private final Map<Long, Row> waiting = new HashMap<>();
    private final Tagger.Receiver receiver;
    private final Runnable handedOn;
    private long next;

    private record Row(String path, TagRow row) {}

    /** @param handedOn is told of each row that the receiver has taken */
    InOrder(Tagger.Receiver receiver, Runnable handedOn) {
        this.receiver = receiver;
        this.handedOn = handedOn;
    }

    /** Takes the row of an input, which has a number from 0. */
    synchronized void put(long number, String path, TagRow row) throws IOException {
        waiting.put(number, new Row(path, row));
        for (Row ready = waiting.remove(next); ready != null; ready = waiting.remove(next)) {
            next++;
            receiver.accept(ready.path(), ready.row());
            handedOn.run();
        }
    }

    /** How many rows have been handed on. */
    synchronized long count() {
        return next;
    }
}
