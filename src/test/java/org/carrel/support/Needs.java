package org.carrel.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/// A test that needs something real. Without it the test is skipped and says so; with `-Dcarrel.require=all`, as CI
/// runs, it fails instead: nothing is silently left out. It is tagged `real` by this, so that `./carrel test --quick`
/// leaves it out.
@Tag("real")
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsCondition.class)
public @interface Needs {
    Thing[] value();

    enum Thing {
        /// R with the package shiny
        R,
        /// jupyter-notebook with the R kernel
        JUPYTER,
        /// R with the package Rserve
        RSERVE,
        /// to be root
        ROOT,
        /// root that may make network namespaces
        NAMESPACES,
        /// systemd and systemd-analyze; it needn't run the machine
        SYSTEMD,
        NGINX,
        PERL,
        CHROMIUM
    }
}
