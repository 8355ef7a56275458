/**
 * What is remembered between runs, in SQLite: the only place where JDBC is used.
 *
 * <p>{@link melgauge.data.catalog.Catalog} remembers files and what was prepared from them;
 * {@link melgauge.data.catalog.RowJournal} remembers the finished rows of a batch. Both can be deleted at any time: all
 * that is lost is time.
 *
 * <p><b>To remember more:</b> add a table to {@code Catalog.SCHEMA} and raise {@code Catalog.VERSION}; an older file is
 * then kept under another name, and a new one is filled.
 */
@NullMarked
package melgauge.data.catalog;

import org.jspecify.annotations.NullMarked;
