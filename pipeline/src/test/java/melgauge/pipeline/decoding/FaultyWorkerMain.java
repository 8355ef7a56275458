package melgauge.pipeline.decoding;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import melgauge.data.Audit;
import melgauge.data.SourceInfo;
import melgauge.data.TemporaryFolder;
import melgauge.features.FrameSink;

/** A worker process that does what the names of files say. */
public final class FaultyWorkerMain {
    private FaultyWorkerMain() {}

    public static void main(String[] args) throws IOException {
        System.setOut(System.err);
        System.out.println("said by mistake");
        try {
            WorkerProcess.serve(
                    new FileInputStream(FileDescriptor.in),
                    new FileOutputStream(FileDescriptor.out),
                    (features, hours) -> {
                        LocalReader sound = new LocalReader(features, hours);
                        return (file, sink, progress) -> read(sound, file, sink, progress);
                    });
        } finally {
            TemporaryFolder.remove(Path.of(args[0]));
            Runtime.getRuntime().halt(0);
        }
    }

    private static Reading read(LocalReader sound, Path file, FrameSink sink, java.util.function.LongConsumer progress)
            throws IOException, InterruptedException {
        switch (file.getFileName().toString()) {
            case "segmentation fault" -> {
                sink.accept(new float[24]);
                unsafe("putAddress", 0L, 0L);
            }
            case "hangs" -> Thread.sleep(Long.MAX_VALUE);
            case "slow but alive" -> {
                // Three seconds of work for a minute of audio at a time.
                for (int minute = 1; minute <= 3; minute++) {
                    Thread.sleep(700);
                    progress.accept(minute * 60L * 8000);
                }
                sink.accept(new float[24]);
                return new Reading(
                        new Audit(new Audit.Sums(8000, 0, 0, 0)),
                        new SourceInfo("x", 8000, 1, 8000, 1, 0, 0, 1, ""),
                        8000);
            }
            case "native memory" -> {
                while (true) {
                    long address = (long) unsafe("allocateMemory", 16L << 20);
                    unsafe("setMemory", address, 16L << 20, (byte) 1);
                    Thread.sleep(20);
                }
            }
            case "heap" -> {
                List<byte[]> hoard = new ArrayList<>();
                while (hoard.size() < 1_000_000) {
                    hoard.add(new byte[8 << 20]);
                }
                throw new IllegalStateException("a heap of " + hoard.size());
            }
            case "exit" -> Runtime.getRuntime().halt(9);
            case "killed" ->
                new ProcessBuilder("kill", "-9", "" + ProcessHandle.current().pid())
                        .start()
                        .waitFor();
            case "asked to end" ->
                new ProcessBuilder("kill", "-TERM", "" + ProcessHandle.current().pid())
                        .start()
                        .waitFor();
            case "defect" -> throw new IllegalStateException("index 7");
            case "deep" -> deep(0);
            default -> {
                return sound.read(file, sink, progress);
            }
        }
        Thread.sleep(60_000);
        throw new IllegalStateException("still alive");
    }

    private static int deep(int n) {
        return n == Integer.MAX_VALUE ? n : deep(n + 1) + 1;
    }

    private static Object unsafe(String method, Object... arguments) {
        try {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field field = unsafe.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            Class<?>[] types = Stream.of(arguments)
                    .map(argument -> argument instanceof Byte ? byte.class : long.class)
                    .toArray(Class<?>[]::new);
            return unsafe.getMethod(method, types).invoke(field.get(null), arguments);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
