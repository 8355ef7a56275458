package melgauge.pipeline.corpora;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import melgauge.data.Nearest;
import melgauge.data.UsageException;

/** A published corpus whose layout is known. */
public interface PublishedCorpus {
    /** All of them, by name. */
    List<PublishedCorpus> ALL = List.of(new Deam(), new EmoMusic(), new Emotify(), new MtgJamendo(), new PmEmo());

    /** The word that {@code init --from} takes. */
    String name();

    /** What it is, and who made it. */
    String description();

    /**
     * Reads its labels.
     *
     * @param folder where it was unpacked
     * @throws UsageException naming the file of the layout that is not there, and where it was expected
     */
    CorpusListing read(Path folder) throws IOException;

    /**
     * The corpus of this name.
     *
     * @throws UsageException if there is none
     */
    static PublishedCorpus named(String name) {
        return ALL.stream()
                .filter(corpus -> corpus.name().equals(name))
                .findFirst()
                .orElseThrow(() -> {
                    List<String> names = ALL.stream().map(PublishedCorpus::name).toList();
                    return new UsageException("--from " + name + " is not a known corpus" + Nearest.hint(name, names)
                            + "; known are "
                            + ALL.stream()
                                    .map(corpus -> corpus.name() + " (" + corpus.description() + ")")
                                    .collect(Collectors.joining(", ")));
                });
    }
}
