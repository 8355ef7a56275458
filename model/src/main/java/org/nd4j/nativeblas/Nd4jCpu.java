package org.nd4j.nativeblas;

/**
 * The name under which Deeplearning4j 1.0.0-M2.1 looks for ND4J's CPU settings when it decides whether to use oneDNN.
 * The class moved to {@code org.nd4j.linalg.cpu.nativecpu.bindings}; without this stand-in the look-up fails, the
 * failure is swallowed, and every convolution runs several times slower.
 */
public final class Nd4jCpu {
    private Nd4jCpu() {}

    /** Forwards what Deeplearning4j asks by reflection. */
    public static final class Environment {
        private static final Environment INSTANCE = new Environment();

        private Environment() {}

        /** Called by reflection. */
        public static Environment getInstance() {
            return INSTANCE;
        }

        /** Whether ND4J's native library may use oneDNN; called by reflection. */
        @SuppressWarnings("MethodName")
        public boolean isUseMKLDNN() {
            return org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu.Environment.getInstance()
                    .isUseONEDNN();
        }
    }
}
