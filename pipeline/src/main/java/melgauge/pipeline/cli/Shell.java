package melgauge.pipeline.cli;

/** Writes words as a POSIX shell reads them. */
final class Shell {
    private Shell() {}

    /** A word, in quotes if it needs any. */
    static String word(String word) {
        if (word.matches("[\\w.,=:/+-]+")) {
            return word;
        }
        return word.matches("[^\"$`\\\\!]*") ? '"' + word + '"' : "'" + word.replace("'", "'\\''") + "'";
    }
}
