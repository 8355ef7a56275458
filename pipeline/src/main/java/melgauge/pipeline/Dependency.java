package melgauge.pipeline;

import java.io.IOException;
import java.util.Map;

/**
 * What the result of a stage depends on beside the files that it reads. A setting that changes no result, such as
 * {@code training.threads}, is no dependency of any stage.
 */
@FunctionalInterface
public interface Dependency {
    /** The software itself: for files whose form may change with it. */
    Dependency VERSION = fact("melgauge", run -> Version.text());

    /** The features that are extracted, without what their kind does not use. */
    Dependency FEATURES = fact("features", run -> run.spec().features().id());

    /** The usable tracks with content, group and side of the split. */
    Dependency TRACKS = fact("tracks", run -> run.corpus().digest());

    /** The targets, their scales and the labels of every track. */
    Dependency LABELS = fact("labels", run -> run.corpus().labelDigest());

    /** Its values, each under a name that a user knows. */
    Map<String, String> values(Run run) throws IOException;

    /** Finds out a value. */
    @FunctionalInterface
    interface Fact {
        /** The value; a digest where it would be long. */
        String of(Run run) throws IOException;
    }

    /**
     * One value.
     *
     * @param name that a user knows
     */
    static Dependency fact(String name, Fact fact) {
        return run -> Map.of(name, fact.of(run));
    }

    /**
     * Settings, without those that change no result.
     *
     * @param keys of run.yaml; that of a block stands for all in it
     */
    static Dependency settings(String... keys) {
        return run -> SettingDifferences.values(run.spec(), key -> {
            for (String wanted : keys) {
                if (key.equals(wanted) || key.startsWith(wanted + ".")) {
                    return true;
                }
            }
            return false;
        });
    }

    /** All settings but those that change no result. */
    static Dependency allSettings() {
        return run -> SettingDifferences.values(run.spec(), key -> true);
    }
}
