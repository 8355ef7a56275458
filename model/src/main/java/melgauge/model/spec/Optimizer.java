package melgauge.model.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The update rule. */
public enum Optimizer {
    /** Kingma and Ba 2015, β₁ 0.9, β₂ 0.999, ε 1e-8. */
    @JsonProperty("adam")
    ADAM,
    /** Adam with decoupled weight decay (Loshchilov and Hutter 2019). */
    @JsonProperty("adamw")
    ADAMW,
    /** Adam with Nesterov momentum (Dozat 2016). */
    @JsonProperty("nadam")
    NADAM,
    /** Gradient descent with Nesterov momentum 0.9. */
    @JsonProperty("sgd")
    SGD
}
