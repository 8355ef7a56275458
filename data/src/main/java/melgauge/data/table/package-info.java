/**
 * Tables of text as people, spreadsheets and programs write them: CSV with any usual separator, and JSON lines.
 *
 * <p>{@link melgauge.data.table.TableReader} gives one row after the other, {@link melgauge.data.table.Table} all of them,
 * and {@link melgauge.data.table.Cell} says what a cell holds. The meaning of columns is known to their callers.
 *
 * <p><b>To add a separator:</b> name it in {@code Dialect}.
 */
@NullMarked
package melgauge.data.table;

import org.jspecify.annotations.NullMarked;
