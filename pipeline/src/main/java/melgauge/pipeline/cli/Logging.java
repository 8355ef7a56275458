package melgauge.pipeline.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Sends warnings to stderr, and everything to the log of a run. */
final class Logging {
    private Logging() {}

    /** Before the first command. */
    static void configure() {
        System.setProperty("org.bytedeco.javacpp.logger", "slf4j");
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        // These speak of themselves at length; JavaCPP warns that its parts are of several versions, which they are.
        context.getLogger("org.nd4j").setLevel(Level.WARN);
        context.getLogger("org.deeplearning4j").setLevel(Level.WARN);
        context.getLogger("org.bytedeco").setLevel(Level.ERROR);

        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setTarget("System.err");
        ThresholdFilter warnings = new ThresholdFilter();
        warnings.setLevel("WARN");
        warnings.start();
        console.addFilter(warnings);
        start(console, "%level: %msg%n%nopex", context);
        root.addAppender(console);
    }

    /** From now on, all is also written to this file. */
    static void toFile(Path file) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        FileAppender<ILoggingEvent> appender = new FileAppender<>();
        appender.setFile(file.toString());
        appender.setAppend(true);
        start(appender, "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %logger{0}: %msg%n", context);
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
    }

    private static void start(OutputStreamAppender<ILoggingEvent> appender, String pattern, LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(pattern);
        encoder.start();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
    }
}
