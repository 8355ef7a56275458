package melgauge.model.engine;

import java.util.List;
import java.util.ServiceLoader;
import melgauge.data.UsageException;

/**
 * A framework that can compute networks. Found by {@link ServiceLoader}. It owns nothing: networks, weights and settings are
 * given to a {@link Session} that it opens, and every engine computes from them what every other does, to within rounding.
 * {@code EngineContract}, in the tests, is the contract that each must pass.
 */
public interface Engine {
    /** The word that {@code training.engine} chooses it by. */
    String name();

    /**
     * Opens a session.
     *
     * @param device {@code auto}, {@code cpu}, {@code cuda} (the first GPU that can be used), or {@code cuda:N}
     * @param threads that compute, at least 1
     * @param orCpu whether {@code auto} may be the CPU although there is a GPU, which can't be used. Otherwise that is
     *     refused.
     * @throws UsageException if it can't be had, with the reason and the choices; or if the engine has but one device or one
     *     number of threads for a process, and an open session uses others
     * @throws NeedsEnvironment if it can be had in a process that is started with other environment variables
     */
    Session open(String device, int threads, boolean orCpu);

    /** The devices that this engine finds, and whether it can use each. */
    List<Device> devices();

    /**
     * A place where networks can run.
     *
     * @param name as in {@code training.device}
     * @param description the hardware and the backend
     * @param usable whether this build can run there
     * @param advice what to do if not, or what is slower than it has to be, in lines; empty if all
     *     is well
     */
    record Device(String name, String description, boolean usable, String advice) {}

    /**
     * The engine of a name.
     *
     * @param name an engine's name, or {@code auto} for the first that is found
     * @throws UsageException naming the engines that there are
     */
    static Engine named(String name) {
        List<Engine> engines = ServiceLoader.load(Engine.class, Engine.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        return engines.stream()
                .filter(engine -> name.equals("auto") || engine.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UsageException("engine=" + name + " is none of the engines found: auto, "
                        + String.join(", ", engines.stream().map(Engine::name).toList())));
    }
}
