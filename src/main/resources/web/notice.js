// One thing to say, and where to go from here: errors, full nodes, busy sessions, a place in line.
import { facts, remove } from "./api.js";
import { h } from "./dom.js";
import { frame } from "./frame.js";
import { duration, has, t } from "./words.js";

const { status, kind, heading, text, nextUrl, nextText, retryAfterSeconds, waits } = facts();
const main = frame({ wide: false });
const title = has(`notice.${kind}`) ? t(`notice.${kind}`) : heading;
document.title = title;

// an empty address means: this page once more
const again = !nextUrl;
const words = again ? t("wait.again") : nextUrl === "/" ? t("wait.back") : nextText || t("notice.next");
const next = h("a.button.primary", { href: nextUrl || location.href }, words);
const soon = h("p.soft", { hidden: !retryAfterSeconds });
main.append(
  h(
    "div.sheet.notice",
    {},
    h("p.status", { "aria-hidden": "true" }, waits ? (waits.position ?? "…") : String(status ?? "")),
    h("h1", { role: waits && "status" }, title),
    h("p", { lang: "en" }, text),
    soon,
    h("div.row", {}, waits ? ways(waits) : next),
  ),
);
if (retryAfterSeconds && again) countDown(Date.now() + retryAfterSeconds * 1000);

/** Who waits keeps the place by looking at this page; what else there is to do. */
function ways({ elsewhereUrl, ticketUrl }) {
  return [
    elsewhereUrl && h("a.button.primary", { href: elsewhereUrl }, t("notice.elsewhere")),
    h("button.quiet", { type: "button", onclick: () => giveUp(ticketUrl) }, t("notice.give-up")),
  ];
}

async function giveUp(ticketUrl) {
  try {
    await remove(ticketUrl);
  } finally {
    location.assign("/");
  }
}

/** Tries again by itself, once, and only while somebody looks. */
function countDown(until) {
  const timer = setInterval(tick, 1000);
  function tick() {
    const left = until - Date.now();
    soon.textContent = left > 0 ? t("notice.again-in", { time: duration(Math.ceil(left / 1000) * 1000) }) : "";
    if (left > 0 || document.hidden) return;
    clearInterval(timer);
    location.reload();
  }
  tick();
}
