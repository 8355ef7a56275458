package melgauge.model.engine;

import java.util.Map;
import melgauge.data.UsageException;

/** A device can be had, but only by a process that was started with other environment variables. */
public final class NeedsEnvironment extends UsageException {
    private static final long serialVersionUID = 1;

    private final transient Map<String, String> variables;

    /** The device, and the variables to set. */
    public NeedsEnvironment(String device, Map<String, String> variables) {
        super("device=" + device + " needs a process that is started with " + variables);
        this.variables = Map.copyOf(variables);
    }

    /** The variables and their values. */
    public Map<String, String> variables() {
        return variables;
    }
}
