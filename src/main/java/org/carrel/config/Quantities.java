package org.carrel.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sizes, durations and amounts as people write them. All throw `IllegalArgumentException` with what was wanted.
final class Quantities {
    private static final Pattern SIZE =
            Pattern.compile("(\\d{1,12}(?:\\.\\d{1,3})?)\\s*([KMGT]?)(?:i?B)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern PERCENT = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,2})?)\\s*%");
    private static final Pattern DURATION =
            Pattern.compile("(?:(\\d{1,4})d)?(?:(\\d{1,5})h)?(?:(\\d{1,6})m)?(?:(\\d{1,8})s)?(?:(\\d{1,8})ms)?");
    private static final Pattern AMOUNT = Pattern.compile("\\d{1,5}(\\.\\d{1,3})?");

    private Quantities() {}

    /// `512M`, `2G`, `1.5GiB`, `1048576`; a letter is a power of 1024.
    static long bytes(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        if (!matcher.matches()) throw wanted("a size such as 512M or 2G", text);
        int power = " KMGT"
                .indexOf(matcher.group(2).isEmpty() ? " " : matcher.group(2).toUpperCase(Locale.ROOT));
        BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(1L << 10 * power));
        if (bytes.compareTo(BigDecimal.valueOf(1L << 50)) > 0) throw wanted("a size of at most 1024T", text);
        return bytes.setScale(0, RoundingMode.DOWN).longValueExact();
    }

    /// A size, or a share of `whole` such as `90%`; 1 to 100 %.
    static long bytesOf(String text, long whole) {
        Matcher matcher = PERCENT.matcher(text.strip());
        if (!matcher.matches()) return bytes(text);
        BigDecimal percent = new BigDecimal(matcher.group(1));
        if (percent.compareTo(BigDecimal.ONE) < 0 || percent.compareTo(BigDecimal.valueOf(100)) > 0)
            throw wanted("a share from 1% to 100%", text);
        return percent.multiply(BigDecimal.valueOf(whole))
                .divide(BigDecimal.valueOf(100), RoundingMode.DOWN)
                .longValueExact();
    }

    /// `90s`, `30m`, `1h`, `1h30m`, `2d`, `500ms`; a bare number other than 0 has no meaning.
    static Duration duration(String text) {
        String word = text.strip();
        if (word.equals("0")) return Duration.ZERO;
        Matcher matcher = DURATION.matcher(word);
        if (word.isEmpty() || !matcher.matches()) {
            String hint =
                    word.matches("\\d+") ? "; the unit is missing: " + word + "s, " + word + "m or " + word + "h?" : "";
            throw new IllegalArgumentException(
                    wanted("a duration such as 90s, 30m, 1h or 2d", text).getMessage() + hint);
        }
        return Duration.ofDays(number(matcher.group(1)))
                .plusHours(number(matcher.group(2)))
                .plusMinutes(number(matcher.group(3)))
                .plusSeconds(number(matcher.group(4)))
                .plusMillis(number(matcher.group(5)));
    }

    /// Cores: `2`, `0.25`; in thousandths.
    static int millis(String text) {
        if (!AMOUNT.matcher(text.strip()).matches()) throw wanted("a number of cores such as 2 or 0.25", text);
        return new BigDecimal(text.strip()).movePointRight(3).intValueExact();
    }

    private static long number(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static IllegalArgumentException wanted(String wanted, String text) {
        return new IllegalArgumentException("must be " + wanted + ", not \"" + Tree.shown(text) + "\"");
    }

    /// As it would be written in the file; for messages.
    static String words(Duration duration) {
        if (duration.isZero()) return "0s";
        return (part(duration.toDaysPart(), "d")
                        + part(duration.toHoursPart(), "h")
                        + part(duration.toMinutesPart(), "m")
                        + part(duration.toSecondsPart(), "s")
                        + part(duration.toMillisPart(), "ms"))
                .strip();
    }

    /// As it would be written in the file; for messages.
    static String words(long bytes) {
        String units = "KMGT";
        for (int power = 4; power > 0; power--) {
            long unit = 1L << 10 * power;
            if (bytes >= unit && bytes % unit == 0) return bytes / unit + units.substring(power - 1, power);
        }
        return Long.toString(bytes);
    }

    private static String part(long amount, String unit) {
        return amount == 0 ? "" : amount + unit;
    }
}
