package org.carrel.config;

import java.util.Map;
import java.util.regex.Pattern;

/// Labels of a node, and those an app needs: a section of names, each with a value.
final class Labels {
    static final int MOST = 32;
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.-]{0,38}[A-Za-z0-9])?");

    private Labels() {}

    static Map<String, String> read(Form form, String key) {
        Map<String, String> labels = form.texts(key);
        if (labels.size() > MOST) form.error(key, "holds " + labels.size() + " labels; at most " + MOST + " are taken");
        labels.forEach((name, value) -> {
            for (String word : new String[] {name, value})
                if (!SHAPE.matcher(word).matches())
                    form.error(
                            key,
                            "holds \"" + Tree.shown(word) + "\"; names and values are 1 to 40 of a-z A-Z 0-9 _ . -");
        });
        return labels;
    }
}
