package melgauge.pipeline.gallery;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import melgauge.data.AtomicFile;
import melgauge.pipeline.results.Csv;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The text of a manifest, and what can go wrong with it. Unlike {@link melgauge.data.Manifest} it keeps every cell as it
 * is written.
 *
 * @param header names of the columns
 * @param rows as many cells each
 */
record Labels(List<String> header, List<List<String>> rows) {
    /** Of the audio that is written here, in Hz. */
    static final int RATE = 8000;

    private static final Set<String> NO_LABELS = Set.of("path", "group", "split", "ratings");

    Labels {
        header = List.copyOf(header);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != header.size()) {
                throw new IllegalArgumentException(
                        "a row has " + row.size() + " cells, the header has " + header.size() + ": " + row);
            }
        }
    }

    static Labels read(Path csv) throws IOException {
        try (Reader reader = Files.newBufferedReader(csv);
                CSVParser parser = CSVParser.parse(reader, CSVFormat.RFC4180)) {
            List<List<String>> lines = parser.stream().map(CSVRecord::toList).toList();
            return new Labels(lines.get(0), lines.subList(1, lines.size()));
        } catch (UncheckedIOException e) {
            throw new IOException(csv + " is not valid CSV: " + e.getMessage(), e);
        }
    }

    void write(Path csv) throws IOException {
        Csv.write(csv, header, printer -> printer.printRecords(rows));
    }

    /** Columns of numbers to learn, by index. */
    private int[] targets() {
        return IntStream.range(0, header.size())
                .filter(column -> !NO_LABELS.contains(header.get(column)))
                .toArray();
    }

    /** The rows of labels permuted. */
    Labels shuffled(long seed) {
        List<List<String>> others = new ArrayList<>(rows);
        Collections.shuffle(others, new Random(seed));
        return with(targets(), (row, column) -> others.get(row).get(column));
    }

    /** The same rows, labels and all, in a random order. */
    Labels inNoOrder(long seed) {
        List<List<String>> others = new ArrayList<>(rows);
        Collections.shuffle(others, new Random(seed));
        return new Labels(header, others);
    }

    /** Each row with the labels of the one that stands so many rows before it; the first ones have those of the last. */
    Labels shifted(int distance) {
        List<List<String>> others = new ArrayList<>(rows);
        Collections.rotate(others, distance);
        return with(targets(), (row, column) -> others.get(row).get(column));
    }

    /** Numbers in place of all labels that know nothing of the track, uniform in [0,1]. */
    Labels random(long seed) {
        Random random = new Random(seed);
        return with(targets(), (row, column) -> String.format(Locale.ROOT, "%.4f", random.nextDouble()));
    }

    /** One value for every track in the first column to learn. */
    Labels withFirstTargetConstant(String value) {
        return with(Arrays.copyOf(targets(), 1), (row, column) -> value);
    }

    /**
     * The same audio in place of that of the first rows, each in a file of its own.
     *
     * @param folder where the files go; what is there already stays
     * @param tracks how many rows; at most all
     * @param wav the content of each file
     */
    Labels withAudio(Path folder, int tracks, byte[] wav) throws IOException {
        List<String> files = new ArrayList<>();
        for (int i = 0; i < Math.min(tracks, rows.size()); i++) {
            Path file = folder.resolve(String.format(Locale.ROOT, "%04d.wav", i));
            files.add(file.toString());
            // A file that is written again would be decoded again.
            if (!Files.isRegularFile(file) || Files.size(file) != wav.length) {
                AtomicFile.write(file, out -> out.write(wav));
            }
        }
        int[] path = {header.indexOf("path")};
        return with(
                path,
                (row, column) ->
                        row < files.size() ? files.get(row) : rows.get(row).get(column));
    }

    private interface Cell {
        String at(int row, int column);
    }

    private Labels with(int[] columns, Cell cell) {
        List<List<String>> changed = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            List<String> cells = new ArrayList<>(rows.get(row));
            for (int column : columns) {
                cells.set(column, cell.at(row, column));
            }
            changed.add(cells);
        }
        return new Labels(header, changed);
    }

    /** A mono WAV file of 32-bit floats, which unlike integers may be of any size. */
    static byte[] wav(float[] samples) {
        int bytes = Float.BYTES * samples.length;
        ByteBuffer wav = ByteBuffer.allocate(44 + bytes).order(ByteOrder.LITTLE_ENDIAN);
        wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + bytes);
        wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        wav.putShort((short) 3).putShort((short) 1); // IEEE float, mono
        wav.putInt(RATE)
                .putInt(Float.BYTES * RATE)
                .putShort((short) Float.BYTES)
                .putShort((short) Float.SIZE);
        wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(bytes);
        for (float sample : samples) {
            wav.putFloat(sample);
        }
        return wav.array();
    }
}
