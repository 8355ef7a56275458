package melgauge.model.training;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import melgauge.features.Gain;
import melgauge.features.Normalizer;
import melgauge.features.PatchSpec;
import melgauge.model.engine.Batch;
import melgauge.model.spec.Augment;
import melgauge.model.spec.Balance;
import melgauge.model.spec.Sampling;
import melgauge.model.spec.TrainSpec;
import melgauge.model.task.Example;
import org.jspecify.annotations.Nullable;

/**
 * Cuts training tracks into batches of patches: chosen, normalised, varied and weighted. A thread of its own fills the
 * next batch while the network learns from the one before.
 *
 * <p>What an epoch sees comes from the seed and the epoch's number, and how a batch is varied from the seed, the epoch and
 * the step, so that a training can go on in the middle of an epoch.
 *
 * <p>For one thread; to be closed.
 */
public final class PatchFeed implements AutoCloseable {
    private static final long EPOCH = 1_000_003L;
    private static final long STEP = 0x9E3779B97F4A7C15L;

    private final List<Example> tracks;
    private final TrainSpec spec;
    private final PatchSpec patch;
    private final Normalizer normalizer;
    private final @Nullable Gain gain;
    private final long seed;
    private final int targets;
    private final int bands;
    private final @Nullable List<float[]> weights;
    /** What stretched patches are cut to; of the loader's thread. */
    private float[] wide = new float[0];

    private final ExecutorService loader = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "patches");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * A feed of tracks.
     *
     * @param tracks at least one
     * @param spec batch size, sampling, balance and augmentation
     * @param gain how louder audio changes values; null only if {@code gainDb} is 0
     * @param seed of all that is random
     */
    public PatchFeed(
            List<Example> tracks,
            TrainSpec spec,
            PatchSpec patch,
            Normalizer normalizer,
            @Nullable Gain gain,
            long seed) {
        if (spec.augment().gainDb() > 0 && gain == null) {
            throw new IllegalArgumentException("gainDb=" + spec.augment().gainDb() + " needs a gain");
        }
        this.tracks = List.copyOf(tracks);
        this.spec = spec;
        this.patch = patch;
        this.normalizer = normalizer;
        this.gain = gain;
        this.seed = seed;
        this.targets = tracks.get(0).labels().length;
        this.bands = tracks.get(0).frames().bands();
        this.weights = spec.balance() == Balance.NONE
                ? null
                : spec.balance().weights(tracks.stream().map(Example::labels).toList());
    }

    /** Patches that an epoch sees. */
    public long patchesPerEpoch() {
        return spec.sampling().patches(tracks, patch);
    }

    /**
     * The batches of an epoch from one on. One epoch at a time: the arrays of a batch are filled again two batches later.
     *
     * @param number of the epoch, from 1
     * @param firstStep the first batch that is wanted, from 0
     */
    public Batches epoch(int number, int firstStep) {
        return new Batches(number, firstStep);
    }

    @Override
    public void close() {
        loader.shutdownNow();
    }

    /** The batches of an epoch, in order. */
    public final class Batches {
        private final int number;
        private final int[] chosenTracks;
        private final int[] starts;
        private final int steps;
        private final Batch[] buffers;
        private int next;
        private @Nullable CompletableFuture<Batch> coming;

        private Batches(int number, int firstStep) {
            this.number = number;
            SplittableRandom random = new SplittableRandom(seed * EPOCH + number);
            int patches = Math.toIntExact(patchesPerEpoch());
            chosenTracks = new int[patches];
            starts = new int[patches];
            int at = 0;
            for (int track = 0; track < tracks.size(); track++) {
                int frames = tracks.get(track).frames().frames();
                if (spec.sampling() == Sampling.RANDOM) {
                    int room = frames - patch.frames();
                    chosenTracks[at] = track;
                    starts[at++] = room > 0 ? random.nextInt(room + 1) : 0;
                } else {
                    for (int start : patch.starts(frames)) {
                        chosenTracks[at] = track;
                        starts[at++] = start;
                    }
                }
            }
            shuffle(random);
            steps = (patches + spec.batchSize() - 1) / spec.batchSize();
            int largest = (patches + steps - 1) / steps;
            buffers = new Batch[] {empty(largest), empty(largest)};
            next = firstStep;
            coming = load();
        }

        private void shuffle(SplittableRandom random) {
            for (int i = chosenTracks.length - 1; i > 0; i--) {
                int other = random.nextInt(i + 1);
                int track = chosenTracks[i];
                chosenTracks[i] = chosenTracks[other];
                chosenTracks[other] = track;
                int start = starts[i];
                starts[i] = starts[other];
                starts[other] = start;
            }
        }

        private Batch empty(int size) {
            return new Batch(
                    new float[size * patch.frames() * bands],
                    new float[size * targets],
                    weights == null ? null : new float[size * targets],
                    0);
        }

        /** Batches of the whole epoch. */
        public int steps() {
            return steps;
        }

        /** The next batch; its arrays are valid until the call after the next one. */
        public Batch next() {
            CompletableFuture<Batch> ready = coming;
            if (ready == null) {
                throw new IllegalStateException("epoch " + number + " has no more than " + steps + " batches");
            }
            try {
                Batch batch = ready.join();
                next++;
                coming = load();
                return batch;
            } catch (CompletionException e) {
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw e;
            }
        }

        private @Nullable CompletableFuture<Batch> load() {
            int step = next;
            return step < steps ? CompletableFuture.supplyAsync(() -> fill(step), loader) : null;
        }

        private Batch fill(int step) {
            // Batches of nearly one size: a last batch of one patch would break batch normalisation.
            int first = (int) ((long) chosenTracks.length * step / steps);
            int count = (int) ((long) chosenTracks.length * (step + 1) / steps) - first;
            Batch buffer = buffers[step % 2];
            SplittableRandom random = new SplittableRandom((seed * EPOCH + number) * EPOCH + step * STEP);
            int size = patch.frames() * bands;
            for (int i = 0; i < count; i++) {
                int track = chosenTracks[first + i];
                Example example = tracks.get(track);
                cut(example, starts[first + i], buffer.patches(), i * size, random);
                double gainDb = spec.augment().gainDb();
                if (gain != null && gainDb > 0) {
                    gain.apply(buffer.patches(), i * size, size, gainDb * (2 * random.nextDouble() - 1));
                }
                normalizer.apply(buffer.patches(), i * size, patch.frames());
                System.arraycopy(example.labels(), 0, buffer.labels(), i * targets, targets);
                if (weights != null && buffer.weights() != null) {
                    System.arraycopy(weights.get(track), 0, buffer.weights(), i * targets, targets);
                }
            }
            Batch batch = new Batch(buffer.patches(), buffer.labels(), buffer.weights(), count);
            if (spec.augment().mixup() > 0) {
                Mixup.apply(batch, size, targets, spec.augment().mixup(), random);
            }
            for (int i = 0; i < count; i++) {
                mask(buffer.patches(), i * size, random);
            }
            return batch;
        }

        /** Cuts a patch, from more or less of the track and moved by some bands if asked to. */
        private void cut(Example example, int start, float[] into, int offset, SplittableRandom random) {
            Augment augment = spec.augment();
            if (augment.stretch() == 0 && augment.shiftBands() == 0) {
                patch.cut(example.frames(), start, into, offset);
                return;
            }
            double factor = 1 + augment.stretch() * (2 * random.nextDouble() - 1);
            int shift = random.nextInt(-augment.shiftBands(), augment.shiftBands() + 1);
            int frames = patch.frames();
            PatchSpec wider = new PatchSpec(Math.max(PatchSpec.MIN_FRAMES, (int) Math.ceil(factor * frames)));
            if (wide.length < wider.frames() * bands) {
                wide = new float[wider.frames() * bands];
            }
            int last = Math.max(0, example.frames().frames() - wider.frames());
            wider.cut(example.frames(), Math.min(start, last), wide, 0);
            Resampling.apply(wide, wider.frames(), bands, factor, shift, into, offset, frames);
        }

        /** Hides stretches under 0, which is the mean of normalised values. */
        private void mask(float[] values, int offset, SplittableRandom random) {
            Augment augment = spec.augment();
            int frames = patch.frames();
            for (int m = 0; m < augment.timeMasks(); m++) {
                int length = random.nextInt(Math.min(augment.timeMaskFrames(), frames) + 1);
                int start = random.nextInt(frames - length + 1);
                Arrays.fill(values, offset + start * bands, offset + (start + length) * bands, 0);
            }
            for (int m = 0; m < augment.bandMasks(); m++) {
                int width = random.nextInt(Math.min(augment.bandMaskBands(), bands) + 1);
                int start = random.nextInt(bands - width + 1);
                for (int frame = 0; width > 0 && frame < frames; frame++) {
                    int from = offset + frame * bands + start;
                    Arrays.fill(values, from, from + width, 0);
                }
            }
        }
    }
}
