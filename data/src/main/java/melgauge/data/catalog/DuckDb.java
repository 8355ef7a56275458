package melgauge.data.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Properties;
import melgauge.data.Natives;
import org.jspecify.annotations.Nullable;

/**
 * Loads DuckDB's driver so that its library comes from the folder of native libraries. By itself the driver unpacks 60 MB
 * into the temporary folder each time, and leaves them there when the process is killed; only where its class loader knows
 * of no such resource does it ask that loader for the library.
 */
final class DuckDb extends URLClassLoader {
    private static final String DRIVER = "org.duckdb.DuckDBDriver";
    private static final String LIBRARY = "libduckdb_java";

    private final String version;
    private @Nullable URL library;

    private DuckDb(URL jar) {
        super("duckdb", new URL[] {jar}, ClassLoader.getPlatformClassLoader());
        this.version = String.valueOf(Path.of(jar.getPath()).getFileName()).replaceFirst("\\.jar$", "");
    }

    /** The driver is loaded once and for all, and its class loader with it. */
    private static final class Holder {
        private static final Driver INSTANCE = load();

        private static Driver load() {
            try {
                URL jar = Class.forName(DRIVER, false, DuckDb.class.getClassLoader())
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation();
                return (Driver) new DuckDb(jar)
                        .loadClass(DRIVER)
                        .getDeclaredConstructor()
                        .newInstance();
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("DuckDB's driver is not on the class path", e);
            }
        }
    }

    /**
     * Connects to a database in memory.
     *
     * @throws IOException naming the file, if the library cannot be unpacked
     */
    static Connection connect() throws IOException, SQLException {
        try {
            return Holder.INSTANCE.connect("jdbc:duckdb:", new Properties());
        } catch (ExceptionInInitializerError e) {
            if (e.getCause() instanceof UncheckedIOException failure) {
                throw Objects.requireNonNull(failure.getCause());
            }
            throw e;
        }
    }

    @Override
    public @Nullable URL getResource(String name) {
        URL resource = super.getResource(name);
        if (!name.startsWith(LIBRARY)) {
            return resource;
        }
        library = resource;
        return null;
    }

    @Override
    protected @Nullable String findLibrary(String name) {
        URL found = library;
        if (found == null) {
            return null;
        }
        try {
            return Natives.unpack(found, version, System.mapLibraryName(name)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
