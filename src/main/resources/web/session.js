// How one session is shown, for its owner and for administrators.
import { post, remove } from "./api.js";
import { sparkline } from "./art.js";
import { h } from "./dom.js";
import { confirm, showLog, toast } from "./frame.js";
import { ago, at, bytes, duration, has, now, percent, t } from "./words.js";

const YEAR = 366 * 86400e3;

export function isLive(session) {
  return session.state !== "ended";
}

export function stateWord(state) {
  return has(`state.${state}`) ? t(`state.${state}`) : state;
}

export function titleOf(session, apps) {
  const title = apps.get(session.app)?.title ?? session.app;
  return session.name === "default" ? title : `${title} · ${session.name}`;
}

export function chip(session) {
  return h("span.chip", { class: `chip ${session.state}` }, stateWord(session.state));
}

/** A letter on a tile: apps have no pictures of their own. */
export function tile(title) {
  return h("span.tile", { "aria-hidden": "true" }, [...title][0]?.toUpperCase() ?? "·");
}

/** One card of "my sessions". */
export function sessionCard(session, apps) {
  const title = titleOf(session, apps);
  const heading = `session-${session.id}`;
  return h(
    "li.sheet.session",
    { key: session.id, "aria-labelledby": heading, class: `sheet session ${session.verdict === "warn" ? "warned" : ""}` },
    h(
      "div.session-top",
      {},
      tile(title),
      h(
        "div.session-name",
        {},
        h("h3", { id: heading }, title),
        h("p.facts", {}, chip(session), h("span", {}, since(session)), h("span", {}, t("session.on", { node: session.node }))),
      ),
      session.state === "ready" && meters(session),
    ),
    h("div.session-foot", {}, fate(session), h("div.row.session-acts", {}, ...acts(session, title, apps))),
    session.state === "ended" && session.log?.length > 0 && lastLines(session.log),
  );
}

function since(session) {
  const times = { time: at(session.since), ago: ago(session.since) };
  return t(session.state === "ended" ? "session.was-since" : "session.since", times);
}

export function meters(session) {
  const cpu = session.cpuPercent;
  const memory = session.memoryBytes;
  return h(
    "dl.meters",
    {},
    meter(t("session.cpu"), cpu == null ? "–" : percent(cpu), session.cpuHistory ?? [], 50),
    meter(t("session.memory"), memory == null ? "–" : bytes(memory), session.memoryHistory ?? [], 64 << 20),
  );
}

function meter(name, value, history, least) {
  return h("div.meter", {}, h("dt", {}, name), h("dd", {}, value), sparkline(history, least));
}

/** Why it goes on, would be stopped, or ended: always said. */
function fate(session) {
  const reason = session.reason && h("span", { lang: "en" }, session.reason);
  if (session.state === "ended") return h("p.fate", {}, reason || t("session.ended"));
  if (session.state === "reserved")
    return h("p.fate", {}, session.ahead ? t("session.ahead", { count: session.ahead }) : t("session.next"));
  if (session.state === "starting") return h("p.fate", {}, t("session.starting"));
  if (session.state !== "ready") return h("p.fate", {}, reason || t("session.draining"));
  const project = session.project && h("code", {}, session.project);
  const used = session.lastInput && h("span", {}, t("session.last-use", { ago: ago(session.lastInput) }), project && " · ", project);
  if (!willStop(session)) return h("p.fate", {}, used, " ", reason);
  const values = { time: at(session.stopsAt), left: left(session) };
  // a kept session's reason is its last use, a warned one's reason says how long there was none: each is said once
  return session.verdict === "keep"
    ? h("p.fate", {}, used || reason, " ", h("strong", {}, t("session.stops", values)))
    : h("p.fate", {}, h("strong", {}, t("session.stops-soon", values)), " ", reason);
}

export function willStop(session) {
  const time = Date.parse(session.stopsAt ?? "");
  return time - now() < YEAR;
}

function left(session) {
  const ms = Math.max(0, Date.parse(session.stopsAt) - now());
  return ms < 60000 ? t("time.less-than-minute") : duration(Math.ceil(ms / 60000) * 60000).replace(/ 00 s$/, "");
}

function lastLines(log) {
  return h("details.lines", {}, h("summary", {}, t("log.last")), h("pre.log", { tabindex: "0" }, log.join("\n")));
}

function acts(session, title, apps) {
  const app = apps.get(session.app);
  if (session.state === "ended") {
    return [
      app?.available && h("a.button.primary", { href: startUrl(app, session.name) }, t("session.start-again")),
      h("button.quiet", { type: "button", onclick: () => showLog(session.id, title) }, t("session.log")),
    ];
  }
  const named = (words) => `${words}: ${title}`;
  return [
    session.state === "ready"
      ? h("a.button.primary", { href: session.url, "aria-label": named(t("session.open")) }, t("session.open"))
      : session.state !== "draining" &&
        h("a.button.primary", { href: app ? startUrl(app, session.name) : session.url }, t("session.watch")),
    session.state === "ready" &&
      willStop(session) &&
      h("button.plain", { type: "button", onclick: () => extend(session), "aria-label": named(t("session.keep")) }, t("session.keep")),
    h("button.quiet", { type: "button", onclick: () => showLog(session.id, title), "aria-label": named(t("session.log")) }, t("session.log")),
    session.state !== "draining" &&
      h("button.quiet.bad", { type: "button", onclick: () => stop(session, title), "aria-label": named(t("session.stop")) }, t("session.stop")),
  ];
}

/** The address that starts this app under this name, or returns to it. */
/** @param on name of the machine it is to begin on; else wherever there is room */
export function startUrl(app, name, on) {
  const url = name === "default" ? app.startUrl : `${app.startUrl}/${encodeURIComponent(name)}`;
  return on ? `${url}?on=${encodeURIComponent(on)}` : url;
}

async function extend(session) {
  try {
    await post(`/sessions/${session.id}/extend`);
    toast(t("session.kept"));
  } catch (trouble) {
    toast(trouble.message, "bad");
  }
}

/** @return whether it was asked to stop */
export async function stop(session, title) {
  if (!(await confirm(t("stop.title", { title }), t("stop.sentence"), t("stop.verb")))) return false;
  try {
    await remove(`/sessions/${session.id}`);
    return true;
  } catch (trouble) {
    toast(trouble.message, "bad");
    return false;
  }
}
