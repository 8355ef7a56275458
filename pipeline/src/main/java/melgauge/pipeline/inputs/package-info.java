/**
 * Which files a command is to work on: arguments, folders, playlists, manifests and lists on standard input become a
 * stream of inputs, each of which has one row in the end, whatever it is.
 *
 * <p>{@link melgauge.pipeline.inputs.Inputs} is the door. {@code FolderSearch} goes through folders, a {@code ListReader}
 * gives the entries of a list, and {@code EntryResolver} says which file an entry means.
 *
 * <p><b>To add a kind of list:</b> implement {@code ListReader} and name its ending there. <b>To add an ending of audio
 * files:</b> {@code AudioNames} has them all.
 */
@NullMarked
package melgauge.pipeline.inputs;

import org.jspecify.annotations.NullMarked;
