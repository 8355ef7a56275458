package melgauge.pipeline.inputs;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import melgauge.data.FileNames;
import melgauge.data.PathBytes;
import melgauge.pipeline.inputs.Inputs.Input;

/**
 * Makes an input of each entry of a list. Names that a program prints are taken byte for byte; those in playlists and
 * manifests are read as {@link FileNames} reads them. For one thread.
 */
final class EntryResolver {
    private final String list;
    private final FileNames names;
    private final boolean exact;

    private EntryResolver(String list, Path folder, boolean exact) {
        this.list = list;
        this.names = new FileNames(List.of(folder));
        this.exact = exact;
    }

    /** For a playlist or a manifest, from whose own folder relative names start. */
    static EntryResolver of(Path list) {
        Path folder = list.getParent();
        return new EntryResolver(list.toString(), folder == null ? Path.of("") : folder, false);
    }

    /** For names on standard input, which start from the working folder. */
    static EntryResolver ofStandardInput() {
        return new EntryResolver("standard input", Path.of(""), true);
    }

    /** The input that an entry stands for. */
    Input resolve(ListReader.Entry entry) {
        if (entry.isBlank() && !exact) {
            return Inputs.missing(text(entry), "there is no file in line " + entry.line() + " of " + list);
        }
        FileNames.Place place = exact ? names.findExactly(entry.name()) : names.findBytes(entry.name());
        return new Input(text(entry), place.file(), place.failure());
    }

    private String text(ListReader.Entry entry) {
        String text = exact
                ? PathBytes.shown(entry.name().getBytes(StandardCharsets.ISO_8859_1))
                : FileNames.utf8(entry.name());
        return text.replace("\0", "\\x00");
    }
}
