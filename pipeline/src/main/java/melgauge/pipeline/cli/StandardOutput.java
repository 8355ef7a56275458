package melgauge.pipeline.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/** Standard output as a stream whose errors are exceptions: a reader that has gone ends the work. */
final class StandardOutput extends OutputStream {
    private final PrintStream out = System.out;

    @Override
    public void write(int value) throws IOException {
        out.write(value);
        check();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        check();
    }

    @Override
    public void flush() throws IOException {
        check();
    }

    private void check() throws IOException {
        if (out.checkError()) { // flushes as well
            throw new IOException("cannot write rows to standard output: its reader has ended, or its disk is full");
        }
    }
}
