package melgauge.pipeline.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PublisherTest {
    @Test
    void allThatWasHandedOverIsDoneWhenItHasWaited() throws IOException, InterruptedException {
        AtomicInteger done = new AtomicInteger();
        try (Publisher publisher = new Publisher()) {
            for (int i = 0; i < 200; i++) {
                publisher.submit(done::incrementAndGet);
            }
            publisher.await();
            assertThat(done).hasValue(200);
        }
    }

    @Test
    void aFailureIsToldAndEndsTheWork() throws IOException, InterruptedException {
        try (Publisher publisher = new Publisher()) {
            publisher.submit(() -> {
                throw new IOException("cannot write x.npy: No space left on device");
            });
            assertThatThrownBy(publisher::await)
                    .isInstanceOf(IOException.class)
                    .hasMessage("cannot write x.npy: No space left on device");
            assertThatThrownBy(() -> publisher.submit(() -> {})).isInstanceOf(IOException.class);
        }
    }

    @Test
    void closingFinishesWhatIsUnderWay() throws IOException, InterruptedException {
        AtomicInteger done = new AtomicInteger();
        CountDownLatch closing = new CountDownLatch(1);
        try (Publisher publisher = new Publisher()) {
            publisher.submit(() -> {
                try {
                    closing.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                done.incrementAndGet();
            });
            publisher.submit(done::incrementAndGet);
            closing.countDown();
        }
        assertThat(done).hasValue(2);
    }
}
