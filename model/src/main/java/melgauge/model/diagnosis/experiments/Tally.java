package melgauge.model.diagnosis.experiments;

import melgauge.model.task.Progress;

/** Counts the steps of several experiments as one job. */
final class Tally {
    private final Progress progress;
    private long total;
    private long done;

    Tally(Progress progress, long total) {
        this.progress = progress;
        this.total = total;
    }

    /** So many more will be needed than was known at the beginning. */
    void expect(long steps) {
        total += steps;
    }

    /** So many more are taken, or will not be needed. */
    void add(long steps) {
        done += steps;
        progress.at(done, total);
    }
}
