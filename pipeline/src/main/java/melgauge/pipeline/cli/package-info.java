/**
 * The command line: the only place that prints, reads the terminal or ends the process.
 *
 * <p>Results go to stdout, everything else to stderr. {@link melgauge.pipeline.cli.Main} turns whatever goes wrong into
 * one message and an exit code: 0 all done, 1 could not finish, 2 wrong usage or settings, 3 finished but some tracks
 * have no result.
 *
 * <p><b>To add a command:</b> write a class beside the others with {@code @Command}, and list it in {@code Main}.
 */
@NullMarked
package melgauge.pipeline.cli;

import org.jspecify.annotations.NullMarked;
