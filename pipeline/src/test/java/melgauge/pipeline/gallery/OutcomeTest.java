package melgauge.pipeline.gallery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import melgauge.model.diagnosis.Diagnosis;
import melgauge.model.diagnosis.rules.Code;
import melgauge.model.diagnosis.rules.Finding;
import melgauge.model.diagnosis.rules.Severity;
import melgauge.model.diagnosis.rules.Verdict;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    private static final Exhibit DEAD = Exhibit.named("dead-relu");
    private static final Exhibit SHUFFLED = Exhibit.named("shuffled-labels");
    private static final Exhibit HEALTHY = Exhibit.named("healthy-base");

    private static Gallery.Trained trained(Verdict verdict, double r2, Finding... findings) {
        return new Gallery.Trained(
                new Diagnosis(verdict, "for a reason.", List.of(findings), List.of(), null, List.of(), ""), r2, 12.34);
    }

    private static Finding finding(Code code, Severity severity) {
        return new Finding(code, severity, "", 2, 1, "", "", "", Map.of());
    }

    private static Finding[] errors(Code... codes) {
        return Stream.of(codes).map(code -> finding(code, Severity.ERROR)).toArray(Finding[]::new);
    }

    private static Outcome outcome(Exhibit exhibit, Gallery.Trained trained, Gallery.@Nullable Attempt fixed) {
        return new Outcome(exhibit, 2, new Gallery.Attempt(trained, ""), fixed);
    }

    private static void assertLine(Outcome outcome, String expected) throws Exception {
        assertJson(outcome.toJson(), expected);
    }

    private static void assertJson(JsonNode json, String expected) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        assertThat(mapper.readTree(json.toString())).isEqualTo(mapper.readTree(expected));
    }

    @Test
    void aFaultThatIsNamedFirstIsRight() throws Exception {
        Gallery.Trained trained = trained(
                Verdict.COLLAPSED, -0.5, errors(Code.DEAD_UNITS, Code.NOT_FINITE, Code.OVERFIT, Code.LABEL_NOISE));
        assertLine(outcome(DEAD, trained, null), """
                {"fault": "dead-relu", "seed": 2, "verdict": "collapsed", "r2": -0.5,
                 "codes": [{"code": "DEAD_UNITS", "severity": "error"}, {"code": "NOT_FINITE", "severity": "error"},
                           {"code": "OVERFIT", "severity": "error"}],
                 "expected": ["DEAD_UNITS"], "right": true, "rightInTwo": true, "seconds": 12.3}""");
    }

    @Test
    void aFaultThatIsNamedSecondIsRightInTwoAndOneNamedThirdIsNot() {
        Outcome second = outcome(DEAD, trained(Verdict.WEAK, 0, errors(Code.OVERFIT, Code.DEAD_UNITS)), null);
        assertThat(second.isFound(1)).isFalse();
        assertThat(second.isFound(2)).isTrue();
        Outcome third =
                outcome(DEAD, trained(Verdict.WEAK, 0, errors(Code.OVERFIT, Code.LABEL_NOISE, Code.DEAD_UNITS)), null);
        assertThat(third.isFound(2)).isFalse();
    }

    @Test
    void aHealthyRunWithAnErrorIsAFalseAlarmAndOneWithAWarningIsNot() throws Exception {
        Gallery.Trained warned = trained(Verdict.HEALTHY, 0.4, finding(Code.OVERFIT, Severity.WARNING));
        assertLine(outcome(HEALTHY, warned, null), """
                {"fault": "healthy-base", "seed": 2, "verdict": "healthy", "r2": 0.4,
                 "codes": [{"code": "OVERFIT", "severity": "warning"}], "falseAlarm": false, "seconds": 12.3}""");
        Gallery.Trained accused = trained(
                Verdict.HEALTHY, 0.4, finding(Code.LABEL_NOISE, Severity.INFO), finding(Code.OVERFIT, Severity.ERROR));
        assertThat(outcome(HEALTHY, accused, null).isFalseAlarm()).isTrue();
    }

    @Test
    void aCureIsARunBetterThanTheMean() throws Exception {
        Gallery.Trained trained = trained(Verdict.COLLAPSED, Double.NaN, errors(Code.DEAD_UNITS));
        assertLine(outcome(DEAD, trained, new Gallery.Attempt(trained(Verdict.HEALTHY, 0.25), "")), """
                {"fault": "dead-relu", "seed": 2, "verdict": "collapsed", "r2": null,
                 "codes": [{"code": "DEAD_UNITS", "severity": "error"}], "expected": ["DEAD_UNITS"], "right": true,
                 "rightInTwo": true, "seconds": 12.3, "curable": true, "verdictFixed": "healthy", "r2Fixed": 0.25}""");
        assertLine(outcome(SHUFFLED, trained, new Gallery.Attempt(null, "no setting")), """
                {"fault": "shuffled-labels", "seed": 2, "verdict": "collapsed", "r2": null,
                 "codes": [{"code": "DEAD_UNITS", "severity": "error"}], "expected": ["LABELS_UNRELATED"],
                 "right": false, "rightInTwo": false, "seconds": 12.3, "curable": false, "notFixed": "no setting"}""");
    }

    @Test
    void totalsCountEachKindApart() throws Exception {
        Outcome cured = outcome(
                DEAD,
                trained(Verdict.WEAK, 0, errors(Code.DEAD_UNITS)),
                new Gallery.Attempt(trained(Verdict.HEALTHY, 0.2), ""));
        Outcome uncured = outcome(
                DEAD,
                trained(Verdict.WEAK, 0, errors(Code.OVERFIT, Code.DEAD_UNITS)),
                new Gallery.Attempt(trained(Verdict.WEAK, -0.2), ""));
        Outcome incurable = outcome(SHUFFLED, trained(Verdict.WEAK, 0), new Gallery.Attempt(null, "none"));
        Outcome alarm = outcome(HEALTHY, trained(Verdict.HEALTHY, 0.3, errors(Code.OVERFIT)), null);
        Outcome failed = new Outcome(HEALTHY, 1, new Gallery.Attempt(null, "no such file"), null);
        assertJson(Outcome.totals(List.of(cured, uncured, incurable, alarm, failed)), """
                {"totals": {"faults": 3, "right": 1, "rightInTwo": 2, "healthy": 2, "falseAlarms": 1, "errors": 1,
                            "curable": 2, "cured": 1, "seconds": 49.4}}""");
        assertLine(failed, """
                {"fault": "healthy-base", "seed": 1, "error": "no such file", "codes": [], "falseAlarm": false}""");
    }
}
