/**
 * The report of a run: one HTML page that holds all it needs, drawn by Chart.js, which is inlined.
 *
 * <p>{@link melgauge.pipeline.report.HtmlReport} gathers the numbers; {@code report.html} among the resources draws them.
 * <b>To add a picture:</b> put its numbers into the page's data in {@code HtmlReport} and draw them in the template.
 */
@NullMarked
package melgauge.pipeline.report;

import org.jspecify.annotations.NullMarked;
