package melgauge.model.dl4j.devices;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.factory.Nd4j;

class RecentBuffersTest {
    @BeforeAll
    static void start() {
        Backend.start();
    }

    private static WeakReference<DataBuffer> buffer() {
        return new WeakReference<>(Nd4j.createFromArray(1f, 2f, 3f).data());
    }

    private static boolean isGoneAfterCollections(WeakReference<DataBuffer> buffer) {
        for (int i = 0; i < 20 && buffer.get() != null; i++) {
            System.gc();
        }
        return buffer.get() == null;
    }

    @Test
    void startingTheBackendInstallsItOnce() {
        Object first = Nd4j.getDeallocatorService();
        assertThat(first).isInstanceOf(RecentBuffers.class);
        RecentBuffers.install();
        assertThat(Nd4j.getDeallocatorService()).isSameAs(first);
    }

    @Test
    void aBufferThatNobodyHoldsOutlivesTheOperationItWasMadeFor() {
        WeakReference<DataBuffer> buffer = buffer();
        assertThat(isGoneAfterCollections(buffer)).isFalse();
        assertThat(buffer.get()).isNotNull();
    }

    @Test
    void aBufferIsFreedWhenOthersHaveFollowed() {
        WeakReference<DataBuffer> buffer = buffer();
        for (int i = 0; i < RecentBuffers.KEPT; i++) {
            buffer();
        }
        assertThat(isGoneAfterCollections(buffer)).isTrue();
    }
}
