package melgauge.pipeline.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import melgauge.data.Natives;
import melgauge.data.TemporaryFolder;
import melgauge.pipeline.decoding.WorkerProcess;

/** The main class of the worker processes that decode; it is started by the program, not by users. */
public final class DecodingMain {
    private DecodingMain() {}

    /**
     * Serves the process that started this one, until it has no more work or is gone.
     *
     * @param args this process's own folder, to be removed at the end
     */
    public static void main(String[] args) throws IOException {
        Logging.configure();
        // What is said aloud by mistake must not get among the answers.
        System.setOut(System.err);
        try {
            WorkerProcess.serve(new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out));
        } catch (LinkageError e) {
            // The process that started this one reads it in this one's folder, and removes that.
            System.err.println(Natives.explain(e).orElse(e.toString()));
            Runtime.getRuntime().halt(Main.FAILED);
        } finally {
            // Whoever of the two processes is left removes it.
            TemporaryFolder.remove(Path.of(args[0]));
            // A decoder that hangs in native code would keep an orderly end from coming.
            Runtime.getRuntime().halt(0);
        }
    }
}
