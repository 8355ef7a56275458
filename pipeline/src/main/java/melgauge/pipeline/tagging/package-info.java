/**
 * Predicting whole libraries: any files, one result-or-error row each.
 *
 * <p>{@link melgauge.pipeline.tagging.Inputs} finds the files in folders, playlists, manifests and on standard input,
 * {@link melgauge.pipeline.tagging.Tagger} predicts them and keeps finished rows in a journal,
 * {@link melgauge.pipeline.tagging.TagTable} writes the table.
 *
 * <p><b>To add a kind of list:</b> implement {@code ListReader} and name its ending there. <b>To add an ending of audio
 * files:</b> {@code AudioNames} has them all.
 *
 * <p><b>To add an output format:</b> add a constant to {@link melgauge.pipeline.tagging.TagTable.Format}.
 */
@NullMarked
package melgauge.pipeline.tagging;

import org.jspecify.annotations.NullMarked;
