package org.carrel.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

final class NeedsCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        var needs = AnnotationSupport.findAnnotation(context.getElement(), Needs.class);
        if (needs.isEmpty()) return ConditionEvaluationResult.enabled("needs nothing");
        List<Thing> missing = new ArrayList<>();
        for (Thing thing : needs.get().value()) if (!isHere(thing)) missing.add(thing);
        if (missing.isEmpty()) return ConditionEvaluationResult.enabled("everything is here");
        String message = "this machine lacks " + missing + " (see CONTRIBUTING.md)";
        if ("all".equals(System.getProperty("carrel.require"))) throw new AssertionError(message);
        System.err.println("SKIPPED " + context.getDisplayName() + ": " + message);
        return ConditionEvaluationResult.disabled(message);
    }

    private static boolean isHere(Thing thing) {
        return switch (thing) {
            case R -> hasPackage("shiny");
            case RSERVE -> hasPackage("Rserve");
            case JUPYTER -> exists("/usr/bin/jupyter-notebook") && exists("/usr/share/jupyter/kernels/ir");
            case ROOT -> {
                try {
                    yield (int) Files.getAttribute(Path.of("/proc/self/stat"), "unix:uid") == 0;
                } catch (IOException e) {
                    yield false;
                }
            }
            case NAMESPACES -> mayUnshare();
            case SYSTEMD -> exists("/usr/lib/systemd/systemd") && exists("/usr/bin/systemd-analyze");
            case NGINX -> exists("/usr/sbin/nginx");
            case PERL -> exists("/usr/bin/perl");
            case CHROMIUM -> exists("/usr/bin/chromium");
        };
    }

    private static boolean hasPackage(String name) {
        return exists("/usr/bin/R")
                && Stream.of("/usr/lib/R/site-library", "/usr/lib/R/library", "/usr/local/lib/R/site-library")
                        .anyMatch(library -> exists(library + "/" + name));
    }

    private static boolean mayUnshare() {
        try {
            return exists("/usr/sbin/ip")
                    && new ProcessBuilder("unshare", "--net", "true")
                                    .redirectErrorStream(true)
                                    .start()
                                    .waitFor()
                            == 0;
        } catch (IOException none) {
            return false;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean exists(String path) {
        return Files.exists(Path.of(path));
    }
}
