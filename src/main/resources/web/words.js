// The words of the pages, and how times and sizes are written in the reader's language.

const language = document.documentElement.lang || "en";
const bundle = await load(language);
const plurals = new Intl.PluralRules(language);
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat(language, { weekday: "short", hour: "numeric", minute: "2-digit" });
const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });

/** milliseconds by which the server's clock is ahead of this one; set by api.js */
export const skew = { ms: 0 };

async function load(name) {
  for (const candidate of [name, "en"]) {
    const answer = await fetch(new URL(`messages/${candidate}.json`, import.meta.url)).catch(() => undefined);
    if (answer?.ok) return answer.json();
  }
  return {};
}

/** The words behind a key, `{name}` replaced from `values`. An unknown key shows itself: better than an empty button. */
export function t(key, values = {}) {
  return (bundle[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Like `t`, in the plural form that fits `count`: `key.one`, `key.other`, … */
export function n(key, count, values = {}) {
  const form = `${key}.${plurals.select(count)}`;
  return t(form in bundle ? form : `${key}.other`, { count: plain.format(count), ...values });
}

export function has(key) {
  return key in bundle;
}

export function now() {
  return Date.now() + skew.ms;
}

/** "3 minutes ago"; seconds are not counted, they would only flicker. */
export function ago(instant) {
  const seconds = Math.round((Date.parse(instant) - now()) / 1000);
  const size = Math.abs(seconds);
  if (size < 45) return t("time.now");
  if (size < 2700) return relative.format(Math.round(seconds / 60), "minute");
  if (size < 79200) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86400), "day");
}

/** The time of day, with the day when it is not within the next or last 12 hours. */
export function at(instant) {
  const time = Date.parse(instant);
  return (Math.abs(time - now()) < 12 * 3600e3 ? clock : dayAndClock).format(time);
}

/** "1.4 s", "12 s", "3 min 20 s", "2 h 05 min" */
export function duration(ms) {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${fine.format(seconds)} s`;
  if (seconds < 60) return `${plain.format(Math.floor(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Binary units, as `memory: 2G` in the configuration means them. */
export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = count;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${(size < 10 && unit > 0 ? fine : plain).format(size)} ${units[unit]}`;
}

export function percent(value) {
  return `${plain.format(value)} %`;
}

/** at most one digit behind the point */
export function decimal(value) {
  return fine.format(value);
}
