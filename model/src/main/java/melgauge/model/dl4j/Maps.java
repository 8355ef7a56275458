package melgauge.model.dl4j;

/**
 * Sizes of the maps {@code [examples, height, width, channels]} that a block normalises and pools by 2 ×
 * {@code poolWidth}, and how the work is cut into units. Units depend on the sizes alone, and whatever is summed is summed
 * over units in their order: so no result depends on the number of threads.
 */
record Maps(int examples, int height, int width, int channels, int poolWidth) {
    /** Pooled rows of a unit. */
    static final int ROWS = 8;

    int row() {
        return width * channels;
    }

    int pooledHeight() {
        return height / 2;
    }

    int pooledWidth() {
        return width / poolWidth;
    }

    int pooledRow() {
        return pooledWidth() * channels;
    }

    /** Values of each channel. */
    long count() {
        return (long) examples * height * width;
    }

    int pooledLength() {
        return Math.multiplyExact(examples * pooledHeight(), pooledRow());
    }

    private int unitsPerExample() {
        return (pooledHeight() + ROWS - 1) / ROWS;
    }

    int units() {
        return examples * unitsPerExample();
    }

    int example(int unit) {
        return unit / unitsPerExample();
    }

    /** The unit's first pooled row. */
    int from(int unit) {
        return unit % unitsPerExample() * ROWS;
    }

    /** The row behind the unit's last pooled row. */
    int to(int unit) {
        return Math.min(from(unit) + ROWS, pooledHeight());
    }

    /** The row behind the unit's last row before pooling; a row that pooling drops belongs to the last unit. */
    int rowsTo(int unit) {
        return to(unit) == pooledHeight() ? height : 2 * to(unit);
    }

    int start(int example, int row) {
        return (example * height + row) * row();
    }

    int pooledStart(int example, int row) {
        return (example * pooledHeight() + row) * pooledRow();
    }
}
