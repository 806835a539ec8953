package org.carrel.simulate;

/// Something that must hold doesn't.
public final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String rule;
    private final String what;

    /// @param rule its short name, as in the list of invariants
    Violation(String rule, String what) {
        super(rule + ": " + what);
        this.rule = rule;
        this.what = what;
    }

    public String sentence() {
        return rule + ": " + what;
    }

    public String rule() {
        return rule;
    }
}
