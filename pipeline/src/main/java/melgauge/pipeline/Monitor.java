package melgauge.pipeline;

import melgauge.model.task.Progress;

/** Hears what a job is doing. Implementations are thread-safe. */
public interface Monitor {
    /** Nobody listens. */
    Monitor SILENT = new Monitor() {
        @Override
        public Task begin(String what, String unit) {
            return new Task() {
                @Override
                public void at(long done, long total) {}

                @Override
                public void close() {}
            };
        }

        @Override
        public void say(String line) {}
    };

    /**
     * A long task begins.
     *
     * @param what in a word or two
     * @param unit what is counted, such as {@code tracks}
     */
    Task begin(String what, String unit);

    /** Something worth a line. */
    void say(String line);

    /** This one, told of a part of a larger job: what it hears begins with the part's name. */
    default Monitor part(String name) {
        Monitor whole = this;
        return new Monitor() {
            @Override
            public Task begin(String what, String unit) {
                return whole.begin(name + " " + what, unit);
            }

            @Override
            public void say(String line) {
                whole.say(name + " " + line);
            }
        };
    }

    /** A task under way. */
    interface Task extends Progress, AutoCloseable {
        @Override
        void close();
    }
}
