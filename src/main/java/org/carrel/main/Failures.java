package org.carrel.main;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Steps that must all be tried, whatever becomes of the ones before.
final class Failures {
    private static final Logger log = LoggerFactory.getLogger(Failures.class);

    interface Step {
        void run() throws Exception;
    }

    private final String what;
    private int count;

    Failures(String what) {
        this.what = what;
    }

    void run(Step step) {
        try {
            step.run();
        } catch (Exception failed) {
            count++;
            log.warn("{} failed cause={}", what, failed.toString(), failed);
        }
    }

    void report() {
        if (count > 0) log.warn("{} ended with failures={}", what, count);
    }
}
