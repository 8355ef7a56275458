package melgauge.pipeline.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import melgauge.data.UsageException;

/** Where Melgauge is installed. */
final class Home {
    private Home() {}

    /** The folder of the corpus that comes with it. */
    static Path demoCorpus() {
        Path corpus = Path.of(System.getProperty("melgauge.home", "."), "data", "demo");
        if (!Files.isRegularFile(corpus.resolve("labels.csv"))) {
            throw new UsageException("the demo corpus is not at " + corpus.toAbsolutePath()
                    + "; start melgauge by its launcher, or set -Dmelgauge.home in JAVA_OPTS");
        }
        return corpus.toAbsolutePath().normalize();
    }
}
