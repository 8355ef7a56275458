/**
 * What is looked for in a run: each {@code Rule} compares a measurement with its limit and makes a
 * {@link melgauge.model.diagnosis.rules.Finding}; a {@link melgauge.model.diagnosis.rules.Ruling} gives the verdict.
 *
 * <p><b>To look for one more fault:</b> write a {@code Rule}, with its limit, its words, its remedy, and the
 * {@link melgauge.model.diagnosis.rules.Fault}s by which it is tried; give it its place in {@code Rules.ALL}. If what it
 * finds has no {@link melgauge.model.diagnosis.rules.Code} yet, add one. The gallery of broken runs takes its faults from
 * there.
 */
@NullMarked
package melgauge.model.diagnosis.rules;

import org.jspecify.annotations.NullMarked;
