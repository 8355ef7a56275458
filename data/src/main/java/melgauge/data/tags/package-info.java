/**
 * Fields of text in the metadata of audio files themselves, where players and library programs show them: written without
 * a change to anything else.
 *
 * <p>{@link melgauge.data.tags.AudioTags} tells by content what a file is, changes a copy, proves that the copy differs from
 * the original in the wanted fields alone, and puts it in the original's place. The proof shares nothing with what wrote
 * the copy where that is the library jaudiotagger, whose home is here: {@code Container#list} takes a file apart by its
 * format's specification, and both files are decoded and compared sample for sample.
 *
 * <p>The library writes Ogg Vorbis, MP4 and WMA. ID3 tags (MP3, WAV, AIFF) and FLAC's comments are edited here, since that
 * takes few lines and keeps every byte of what it does not touch; the library reads and writes anew all fields, and leaves out
 * or joins those that it does not understand.
 *
 * <p><b>To add a format:</b> implement {@code Container} and name its first bytes in {@code Containers}.
 */
@NullMarked
package melgauge.data.tags;

import org.jspecify.annotations.NullMarked;
