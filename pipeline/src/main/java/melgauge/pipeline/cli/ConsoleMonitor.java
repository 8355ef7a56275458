package melgauge.pipeline.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import melgauge.pipeline.Monitor;
import org.jspecify.annotations.Nullable;

/**
 * Shows progress on stderr: a bar with rate and remaining time where stderr is a terminal, else a line now and then.
 */
final class ConsoleMonitor implements Monitor {
    private static final long LINE_EVERY_NANOS = Duration.ofSeconds(15).toNanos();

    private final PrintStream err;
    private final boolean quiet;
    private final boolean terminal;

    ConsoleMonitor(boolean quiet) {
        // The launcher knows; the JVM can't tell for stderr alone.
        this(quiet, Boolean.getBoolean("melgauge.terminal"));
    }

    /** @param terminal whether a bar may be drawn */
    ConsoleMonitor(boolean quiet, boolean terminal) {
        this.err = System.err;
        this.quiet = quiet;
        this.terminal = terminal;
    }

    @Override
    public Task begin(String what, String unit) {
        if (quiet) {
            return Monitor.SILENT.begin(what, unit);
        }
        return terminal ? new Bar(what, unit) : new Lines(what, unit);
    }

    @Override
    public synchronized void say(String line) {
        if (!quiet) {
            err.println((terminal ? "\r\u001b[2K" : "") + plain(line));
        }
    }

    /** A line without control characters: names of files are anybody's text, and a terminal obeys it. */
    static String plain(String line) {
        return line.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "\uFFFD");
    }

    private final class Bar implements Task {
        private final String what;
        private final String unit;
        private @Nullable ProgressBar bar;

        Bar(String what, String unit) {
            this.what = what;
            this.unit = unit;
        }

        @Override
        public void at(long done, long total) {
            ProgressBar shown = bar;
            if (shown == null) {
                shown = new ProgressBarBuilder()
                        .setTaskName(what)
                        .setInitialMax(total)
                        .setUnit(" " + unit, 1)
                        .showSpeed()
                        .setUpdateIntervalMillis(500)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setConsumer(new ConsoleProgressBarConsumer(err, 100))
                        .build();
                bar = shown;
            }
            shown.maxHint(total);
            shown.stepTo(done);
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            }
        }
    }

    private final class Lines implements Task {
        private final String what;
        private final String unit;
        private final long begin = System.nanoTime();
        private long last = begin;

        Lines(String what, String unit) {
            this.what = what;
            this.unit = unit;
        }

        @Override
        public void at(long done, long total) {
            long now = System.nanoTime();
            if (now - last >= LINE_EVERY_NANOS && done < total) {
                last = now;
                double perSecond = done / ((now - begin) / 1e9);
                say(String.format(
                        Locale.ROOT,
                        "%s: %d of %d %s, %.1f a second, %.0f s to go",
                        what,
                        done,
                        total,
                        unit,
                        perSecond,
                        (total - done) / perSecond));
            }
        }

        @Override
        public void close() {}
    }
}
