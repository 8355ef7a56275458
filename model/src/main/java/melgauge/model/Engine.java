package melgauge.model;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.ServiceLoader;
import melgauge.data.UsageException;

/** A deep-learning framework that can build and run the network. Found by {@link ServiceLoader}. */
public interface Engine {
    /** The word that {@code training.engine} chooses it by. */
    String name();

    /**
     * Builds an untrained network. Equal arguments give equal weights.
     *
     * @param network its layers
     * @param training its loss and update rule
     * @param shape of a patch
     * @param labelMeans the mean label of each target on the training tracks, in [0,1]; as many as outputs
     * @param seed of the weights and of everything random in training
     */
    Regressor create(NetworkSpec network, TrainSpec training, PatchShape shape, double[] labelMeans, long seed);

    /**
     * Builds a network with given parameters, to predict, to look into, or to train on. The parameters may be NaN or infinite,
     * as a training that diverged leaves them.
     *
     * @param training its loss and update rule
     * @param parameters in the order of {@link Architecture#slots}
     */
    Regressor open(Architecture architecture, TrainSpec training, float[] parameters);

    /**
     * Writes a network for programs that have this engine's framework, but not Melgauge: an equivalent network in the
     * framework's own terms and format. It takes patches as {@code [patches, 1, frames, bands]}, normalised as the model's
     * normaliser does it, and answers as {@link Regressor#predict} does, to within 1e-5.
     *
     * @param training its loss and update rule
     * @param parameters in the order of {@link Architecture#slots}
     * @throws IOException if {@code out} fails
     */
    void export(Architecture architecture, TrainSpec training, float[] parameters, OutputStream out) throws IOException;

    /**
     * Decides where all networks of this engine compute in this process. Called before anything else of the engine; without
     * it, {@link #open} computes on the CPU. A process has one device: asked again, {@code auto} is that device, and another
     * one is refused.
     *
     * @param device {@code auto}, {@code cpu}, {@code cuda} (the first GPU that can be used), or {@code cuda:N}
     * @param orCpu whether {@code auto} may be the CPU although there is a GPU, which can't be used. Otherwise that is
     *     refused, because training there may take days more than the user thinks.
     * @throws UsageException if it can't be had, with the reason and the choices
     * @throws NeedsEnvironment if it can be had in a process that is started with other environment variables
     */
    void useDevice(String device, boolean orCpu);

    /** Where they compute, with advice where that is slower than it has to be or a GPU is left unused. */
    Device device();

    /**
     * Limits how many threads compute, for all networks of this engine in this process. Results of different numbers of
     * threads may differ in their last bits.
     */
    void useThreads(int threads);

    /** Bytes of memory that networks of this engine may still take. */
    long freeBytes();

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
    record Device(String name, String description, boolean usable, String advice) {
        /**
         * Checks that a word may name a device, here or elsewhere.
         *
         * @throws UsageException otherwise
         */
        public static void requireName(String device) {
            if (!device.matches("auto|cpu|cuda(:\\d{1,3})?")) {
                throw new UsageException("device=" + device + " must be auto, cpu, cuda or cuda:N");
            }
        }
    }

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
