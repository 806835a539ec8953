// The waiting page: the true stages of a start as they pass, and what went wrong if it did. Moves on by itself.
import { facts, follow, get, remove } from "./api.js";
import { sign } from "./art.js";
import { fill, h } from "./dom.js";
import { connection, frame, say } from "./frame.js";
import { duration, n, now, t } from "./words.js";

const STAGES = ["reserved", "queued", "starting", "answering", "ready"];
const { session: id, appTitle, name, since, usualMs, eventsUrl, startUrl, me } = facts();
const title = name && name !== "default" ? `${appTitle} · ${name}` : appTitle;
const main = frame({ me, wide: false });
const online = connection(main);

const seen = { stage: "reserved", ahead: 0, since: Date.parse(since) || now(), queued: false };
const clock = h("span.elapsed", { "aria-hidden": "true" });
const bar = h("progress", { max: "100", value: "0", "aria-label": t("wait.progress") });
const box = h("div.sheet.waiting");
main.append(box);

document.title = t("wait.title", { title });
show();
say(t("wait.stage.reserved"));
const timer = setInterval(tick, 100);
const leave = follow(eventsUrl, {
  open: () => online(true),
  lost: () => {
    online(false);
    look();
  },
  progress: (progress) => onProgress(String(progress.stage).toLowerCase(), progress),
  session: onSession,
});
look();
// a stream that is silent or held back by something between us must not hold the page
setInterval(look, 5000);

/** Asks once, in case the stream can't be had. */
async function look() {
  if (seen.stage === "failed" || seen.moving) return;
  try {
    onSession(await get(`/sessions/${id}`));
  } catch (trouble) {
    if (trouble.status === 404) onProgress("failed", { sentence: t("wait.gone") });
  }
}

function onSession(session) {
  if (session.state === "ready") return moveOn(session.url);
  if (session.state === "ended") return onProgress("failed", { sentence: session.reason, log: session.log });
  if (session.state === "draining") return onProgress("failed", { sentence: session.reason ?? t("wait.stopping") });
  if (session.state === "reserved" && session.ahead > 0) return onProgress("queued", { ahead: session.ahead });
  // the stream knows more than the session's state: never step back
  if (STAGES.indexOf(session.state) > STAGES.indexOf(seen.stage)) onProgress(session.state, {});
}

function onProgress(stage, { ahead = 0, sentence, log }) {
  if (seen.stage === "failed" || seen.moving) return;
  const changed = stage !== seen.stage || ahead !== seen.ahead;
  Object.assign(seen, { stage, ahead, sentence, log, queued: seen.queued || stage === "queued" });
  if (stage === "failed") return fail();
  if (stage === "ready") look();
  show();
  if (changed) say(words(stage));
}

async function moveOn(url) {
  if (seen.moving) return;
  seen.stage = "ready";
  seen.moving = true;
  done();
  show();
  say(t("wait.stage.ready"));
  // "back" then leads to the portal, not to a page that would send you forward again
  location.replace(url);
}

function done() {
  clearInterval(timer);
  leave();
}

function words(stage) {
  return stage === "queued" && seen.stage === "queued" && seen.ahead > 0 ? n("wait.ahead", seen.ahead) : t(`wait.stage.${stage}`);
}

function show() {
  const reached = STAGES.indexOf(seen.stage);
  const steps = STAGES.filter((stage) => stage !== "queued" || seen.queued).map((stage) => {
    const place = STAGES.indexOf(stage);
    const state = place < reached || seen.moving ? "past" : place === reached ? "present" : "ahead";
    return h("li", { key: stage, class: state, "aria-current": state === "present" ? "step" : false }, h("span.dot", {}, state === "past" && sign("check")), words(stage));
  });
  fill(
    box,
    h("h1", { key: "title" }, t("wait.heading", { title })),
    h("ol.steps", { key: "steps" }, ...steps),
    meter(),
    h(
      "div.row.between",
      { key: "acts" },
      h("button.quiet", { type: "button", onclick: cancel }, t("wait.cancel")),
      h("a.button.quiet", { href: "/" }, t("wait.leave")),
    ),
  );
  tick();
}

/** Elapsed against usual. The same two elements for the page's life, so that nothing jumps. */
function meter() {
  const holder = box.querySelector(".wait-time");
  if (holder) return holder;
  return h("div.wait-time", { key: "time" }, bar, h("p.row.between", {}, clock, usualMs ? h("span.soft", {}, t("wait.usual", { time: duration(usualMs) })) : ""));
}

function tick() {
  const elapsed = now() - seen.since;
  clock.textContent = duration(Math.floor(elapsed / 100) * 100);
  if (!usualMs) return bar.removeAttribute("value");
  // goes on, ever slower, and never claims to be done before it is
  bar.value = seen.moving ? 100 : 100 * (1 - Math.exp((-1.6 * elapsed) / usualMs));
}

async function cancel(event) {
  event.target.disabled = true;
  await remove(`/sessions/${id}`).catch(() => undefined);
  location.assign("/");
}

function fail() {
  done();
  document.title = t("wait.failed-title", { title });
  fill(
    box,
    h("h1", { key: "failed" }, t("wait.failed", { title })),
    h(
      "div",
      {},
      h("p.cause", { lang: seen.sentence ? "en" : false }, seen.sentence || t("wait.no-cause")),
      h("p.soft", {}, t("wait.after", { time: duration(now() - seen.since) })),
    ),
    seen.log?.length > 0 && [h("h2", {}, t("log.last")), h("pre.log", { tabindex: "0" }, seen.log.join("\n"))],
    h("div.row", {}, h("a.button.primary", { href: startUrl }, t("wait.again")), h("a.button.plain", { href: "/" }, t("wait.back"))),
  );
  say(`${t("wait.failed", { title })}. ${seen.sentence ?? ""}`);
}
