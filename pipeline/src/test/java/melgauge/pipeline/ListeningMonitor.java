package melgauge.pipeline;

import java.util.List;

/**
 * Remembers what is said.
 *
 * @param said where the lines go
 */
public record ListeningMonitor(List<String> said) implements Monitor {
    @Override
    public Task begin(String what, String unit) {
        return SILENT.begin(what, unit);
    }

    @Override
    public void say(String line) {
        said.add(line);
    }
}
