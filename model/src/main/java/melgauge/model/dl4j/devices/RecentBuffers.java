package melgauge.model.dl4j.devices;

import java.lang.reflect.Field;
import org.nd4j.linalg.api.memory.Deallocatable;
import org.nd4j.linalg.api.memory.deallocation.DeallocatorService;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Keeps the last buffers of each thread from being freed while an operation may still read them.
 *
 * <p>ND4J frees a buffer's native memory when its Java object can't be reached any more. But an operation hands native code
 * an address and has no more use for the object, such as the one with the dimensions that a row vector is added along, which
 * is made anew each time. If a garbage collection comes just then, the memory is freed under the operation, and the process
 * dies of a segmentation fault (seen in {@code TadDescriptor}, as in Deeplearning4j's issue 9278; once in tens of hours
 * of training on a machine with more processes than cores). Three threads that add row vectors while another makes garbage,
 * in a heap whose young generation has 3 MB, died of it within 20 seconds, and do not with this.
 *
 * <p>An operation makes a handful of buffers for itself, so one that is as old as the last {@value #KEPT} on its thread
 * belongs to none that is under way.
 */
final class RecentBuffers extends DeallocatorService {
    static final int KEPT = 32;

    private final ThreadLocal<Ring> rings = ThreadLocal.withInitial(Ring::new);

    private static final class Ring {
        private final Deallocatable[] buffers = new Deallocatable[KEPT];
        private int next;

        void keep(Deallocatable buffer) {
            buffers[next] = buffer;
            next = (next + 1) % KEPT;
        }
    }

    /** Puts it in the place of ND4J's own, once; what that has been given stays with it. */
    static void install() {
        if (Nd4j.getDeallocatorService() instanceof RecentBuffers) {
            return;
        }
        try {
            Field service = Nd4j.class.getDeclaredField("deallocatorService");
            service.setAccessible(true);
            service.set(null, new RecentBuffers());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this ND4J frees its buffers in another way than 1.0.0-M2.1", e);
        }
    }

    @Override
    public void pickObject(Deallocatable buffer) {
        rings.get().keep(buffer);
        super.pickObject(buffer);
    }
}
