package melgauge.model.dl4j.kernels;

/**
 * Sizes of the maps that a block normalises and pools by 2 × {@code poolWidth}, how they lie, and how the work is cut into
 * units. Before pooling they lie as {@code [examples, channels / side, height, width, side]}: {@code side} channels side by
 * side, which may be all; after pooling as {@code [examples, height, width, channels]}, or in pieces of so many channels where
 * the next block reads them so. Units depend on the sizes alone, and whatever is summed is summed over units in their order:
 * so no result depends on the number of threads.
 */
public record Maps(int examples, int height, int width, int channels, int side, int poolWidth) {
    /** Pooled rows of a unit. */
    static final int ROWS = 8;

    /** Maps of the same sizes that lie in pieces of so many channels. */
    public Maps inPieces(int channelsSideBySide) {
        return new Maps(examples, height, width, channels, channelsSideBySide, poolWidth);
    }

    /** A row of all channels. */
    int row() {
        return width * channels;
    }

    /** The pieces in which a row lies before pooling. */
    int pieces() {
        return channels / side;
    }

    /** Length of a piece. */
    int piece() {
        return width * side;
    }

    public int pooledHeight() {
        return height / 2;
    }

    public int pooledWidth() {
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

    /** Where a piece of a row begins. */
    int start(int example, int row, int piece) {
        return ((example * pieces() + piece) * height + row) * piece();
    }

    int pooledStart(int example, int row) {
        return (example * pooledHeight() + row) * pooledRow();
    }

    /** Where a pooled row of a piece of {@code side} channels begins. */
    int pooledStart(int example, int row, int piece, int side) {
        return ((example * (channels / side) + piece) * pooledHeight() + row) * pooledWidth() * side;
    }
}
