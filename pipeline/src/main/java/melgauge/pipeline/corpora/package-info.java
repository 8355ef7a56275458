/**
 * Published corpora of music with labels, read in the layout in which they are distributed, so that {@code init --from}
 * can write a manifest and the settings of a run for them. Nothing is downloaded.
 *
 * <p>{@link melgauge.pipeline.corpora.PublishedCorpus} is the entry point; {@code CorpusFolder} finds and reads the
 * files of a layout.
 *
 * <p><b>To add a corpus:</b> implement {@code PublishedCorpus} and name it in {@code PublishedCorpus.ALL}.
 */
@NullMarked
package melgauge.pipeline.corpora;

import org.jspecify.annotations.NullMarked;
