package melgauge.pipeline.results;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import melgauge.model.training.TrainingLog;

/** Writes {@code history.csv}: a row for every epoch. */
final class Histories {
    private static final List<String> COLUMNS = List.of(
            "epoch", "trainLoss", "validationLoss", "validationR2", "validationSpread", "seconds", "learningRate");

    private Histories() {}

    static void write(Path file, TrainingLog log) throws IOException {
        Csv.write(file, COLUMNS, printer -> {
            for (TrainingLog.Epoch epoch : log.epochs()) {
                printer.printRecord(
                        epoch.number(),
                        Csv.number(epoch.trainLoss()),
                        Csv.number(epoch.validationLoss()),
                        Csv.number(epoch.meanValidationR2()),
                        Csv.number(epoch.meanValidationSpread()),
                        Csv.number(epoch.seconds()),
                        epoch.learningRate());
            }
        });
    }
}
