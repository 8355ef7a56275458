package melgauge;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.PrintStream;

/** Holds the rooms apart, and each foreign library in its one home. */
@ArchTag("slow")
@AnalyzeClasses(packages = "melgauge", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule aRoomUsesOnlyTheRoomsToItsLeft = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("data")
            .definedBy("melgauge.data..")
            .layer("features")
            .definedBy("melgauge.features..")
            .layer("model")
            .definedBy("melgauge.model..")
            .layer("pipeline")
            .definedBy("melgauge.pipeline..")
            .whereLayer("pipeline")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("model")
            .mayOnlyBeAccessedByLayers("pipeline")
            .whereLayer("features")
            .mayOnlyBeAccessedByLayers("model", "pipeline")
            .whereLayer("data")
            .mayOnlyBeAccessedByLayers("features", "model", "pipeline");

    @ArchTest
    static final ArchRule packagesOfTheModelFormNoCircles =
            slices().matching("melgauge.model.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packagesOfThePipelineFormNoCircles =
            slices().matching("melgauge.pipeline.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule insideTheModelPackagesUseOnlyThoseBelow = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("task")
            .definedBy("melgauge.model.task")
            .layer("spec")
            .definedBy("melgauge.model.spec")
            .layer("scores")
            .definedBy("melgauge.model.scores")
            .layer("engine")
            .definedBy("melgauge.model.engine")
            .layer("regression")
            .definedBy("melgauge.model.regression")
            .layer("inference")
            .definedBy("melgauge.model.inference")
            .layer("training")
            .definedBy("melgauge.model.training")
            .layer("dl4j")
            .definedBy("melgauge.model.dl4j..")
            .layer("diagnosis")
            .definedBy("melgauge.model.diagnosis..")
            .layer("door")
            .definedBy("melgauge.model")
            .whereLayer("door")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("diagnosis")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("dl4j")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("training")
            .mayOnlyBeAccessedByLayers("diagnosis", "door")
            .whereLayer("inference")
            .mayOnlyBeAccessedByLayers("training", "diagnosis", "door")
            .whereLayer("regression")
            .mayOnlyBeAccessedByLayers("inference", "training", "diagnosis", "door")
            .whereLayer("engine")
            .mayOnlyBeAccessedByLayers("regression", "inference", "training", "dl4j", "diagnosis", "door")
            .whereLayer("scores")
            .mayOnlyBeAccessedByLayers("engine", "regression", "inference", "training", "diagnosis", "door");

    @ArchTest
    static final ArchRule ffmpegStaysAtHome = onlyIn("melgauge.data.ffmpeg", "org.bytedeco.ffmpeg..");

    /** What loads natives, and counts their memory, for FFmpeg and for ND4J. */
    @ArchTest
    static final ArchRule javaCppStaysWithWhatItLoads = noClasses()
            .that()
            .resideOutsideOfPackages("melgauge.data.ffmpeg", "melgauge.model.dl4j..", "org.nd4j.nativeblas")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.bytedeco..");

    @ArchTest
    static final ArchRule tarsosStaysAtHome = onlyIn("melgauge.data.tarsos", "be.tarsos..");

    @ArchTest
    static final ArchRule jaudiotaggerStaysAtHome = onlyIn("melgauge.data.tags", "org.jaudiotagger..");

    @ArchTest
    static final ArchRule jdbcStaysAtHome =
            onlyIn("melgauge.data.catalog", "java.sql..", "org.sqlite..", "org.duckdb..");

    @ArchTest
    static final ArchRule fourierTransformsStayAtHome =
            onlyIn("melgauge.features", "org.jtransforms..", "pl.edu.icm..");

    @ArchTest
    static final ArchRule deeplearning4jStaysAtHome =
            onlyIn("melgauge.model.dl4j..", "org.deeplearning4j..", "org.nd4j..");

    @ArchTest
    static final ArchRule theCommandLineStaysAtHome =
            onlyIn("melgauge.pipeline.cli", "picocli..", "me.tongfei..", "ch.qos.logback..");

    @ArchTest
    static final ArchRule onlyTheCommandLinePrints = noClasses()
            .that()
            .resideOutsideOfPackage("melgauge.pipeline.cli..")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Throwable.class, "printStackTrace")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(PrintStream.class);

    @ArchTest
    static final ArchRule nothingFromOutsideIsDeserialised =
            noClasses().should().dependOnClassesThat().areAssignableTo(java.io.ObjectInputStream.class);

    private static ArchRule onlyIn(String home, String... libraries) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(home)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(libraries);
    }
}
