// The portal: my sessions, and the catalogue to start from.
import { facts, follow, list, me as askMe } from "./api.js";
import { sign } from "./art.js";
import { fill, h } from "./dom.js";
import { connection, dialog, frame, say, toast } from "./frame.js";
import { isLive, sessionCard, startUrl, stateWord, tile, titleOf } from "./session.js";
import { duration, n, percent, t } from "./words.js";

const ENDED_SHOWN = 3;
const me = facts().me ?? (await askMe());
const main = frame({ me, current: "home" });
const online = connection(main);
document.title = `${t("home.title")} · Carrel`;

const mine = h("section", { "aria-labelledby": "mine", class: "mine", "aria-busy": "true" });
const search = h("input", {
  type: "search",
  id: "search",
  autocomplete: "off",
  spellcheck: "false",
  placeholder: t("home.search"),
  "aria-label": t("home.search"),
  "aria-describedby": "search-hint",
  oninput: showApps,
  onkeydown: onSearchKey,
});
const cards = h("ul.cards", { "aria-busy": "true" });
const none = h("p.empty", { hidden: true });
main.append(
  mine,
  h(
    "section",
    { "aria-labelledby": "apps-heading" },
    h(
      "div.section-head",
      {},
      h("h2", { id: "apps-heading" }, t("home.apps")),
      h("div.search", {}, sign("search"), search, h("kbd", { id: "search-hint", title: t("home.search-hint") }, "/")),
    ),
    cards,
    none,
  ),
);

let apps = new Map();
let sessions = new Map();

fill(cards, ...[1, 2, 3].map((key) => h("li.sheet.app.ghost", { key: `ghost-${key}`, "aria-hidden": "true" })));
follow("/api/v1/events", {
  open: () => {
    online(true);
    load();
  },
  lost: () => online(false),
  gone: ({ id }) => {
    sessions.delete(id);
    show();
  },
  session: (session) => {
    if (session.owner !== me.user) return;
    announce(sessions.get(session.id), session);
    sessions.set(session.id, session);
    show();
  },
});
load();
setInterval(show, 20000);
document.addEventListener("visibilitychange", () => document.hidden || load());
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, dialog");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  search.focus();
  search.select();
});

async function load() {
  try {
    const [catalogue, present] = await Promise.all([list("/apps"), list("/sessions")]);
    apps = new Map(catalogue.map((app) => [app.id, app]));
    sessions = new Map(present.filter((session) => session.owner === me.user).map((session) => [session.id, session]));
    show();
  } catch (trouble) {
    if (trouble.status !== 401) toast(trouble.message, "bad");
  }
}

function show() {
  showMine();
  showApps();
}

function showMine() {
  const newestFirst = (a, b) => b.since.localeCompare(a.since);
  const live = [...sessions.values()].filter(isLive).sort(newestFirst);
  const ended = [...sessions.values()]
    .filter((session) => !isLive(session) && !live.some((other) => other.app === session.app && other.name === session.name))
    .sort(newestFirst)
    .slice(0, ENDED_SHOWN);
  mine.removeAttribute("aria-busy");
  fill(
    mine,
    h(
      "div.section-head",
      {},
      h("h1", { id: "mine" }, t("home.mine")),
      live.length > 0 && h("p.soft", {}, n("home.running", live.length)),
    ),
    live.length === 0 && h("p.empty", { key: "empty" }, t("home.none")),
    h("ul.sessions", { key: "live" }, ...live.map((session) => sessionCard(session, apps))),
    ended.length > 0 &&
      h(
        "details.ended",
        { key: "ended", open: live.length === 0 },
        h("summary", {}, t("home.ended")),
        h("ul.sessions", {}, ...ended.map((session) => sessionCard(session, apps))),
      ),
  );
}

function announce(before, session) {
  if (!before || before.state === session.state) return;
  say(t("session.changed", { title: titleOf(session, apps), state: stateWord(session.state) }));
}

function matching() {
  const wanted = search.value.trim().toLocaleLowerCase().split(/\s+/);
  return [...apps.values()].filter((app) => {
    const words = `${app.title} ${app.description} ${app.kind} ${app.id}`.toLocaleLowerCase();
    return wanted.every((word) => words.includes(word));
  });
}

function showApps() {
  const found = matching();
  cards.removeAttribute("aria-busy");
  fill(cards, ...found.map(appCard));
  none.hidden = found.length > 0;
  none.textContent = search.value.trim() ? t("home.no-match", { text: search.value.trim() }) : t("home.no-apps");
  if (search.value.trim()) say(n("home.found", found.length));
}

function onSearchKey(event) {
  if (event.key === "Escape" && search.value) {
    event.preventDefault();
    search.value = "";
    showApps();
  }
  if (event.key === "ArrowDown") cards.querySelector("a.button")?.focus();
  if (event.key === "Enter" && search.value.trim()) cards.querySelector("a.button")?.click();
}

function appCard(app) {
  const running = [...sessions.values()].find(
    (session) => isLive(session) && session.app === app.id && session.name === "default",
  );
  const verb = t(running ? "home.return" : "home.start");
  const heading = `app-${app.id}`;
  return h(
    "li.sheet.app",
    { key: app.id, class: app.available ? "sheet app" : "sheet app shut", "aria-labelledby": heading },
    h("div.app-top", {}, tile(app.title), h("div", {}, h("h3", { id: heading }, app.title), h("p.kind", {}, kindLine(app)))),
    h("p.app-text", {}, app.description || t("home.no-description")),
    !app.available && h("p.obstacle", {}, h("strong", {}, t("home.obstacle")), " ", h("span", { lang: "en" }, app.obstacle ?? "")),
    app.available &&
      h(
        "div.row.app-acts",
        {},
        h("a.button", { class: running ? "button plain" : "button primary", href: app.startUrl, "aria-label": `${verb}: ${app.title}` }, verb),
        h("button.quiet", { type: "button", onclick: () => another(app), "aria-label": `${t("home.another")}: ${app.title}` }, t("home.another")),
      ),
  );
}

function kindLine(app) {
  const usual = app.available && app.usualStartMs != null;
  return usual ? `${app.kind} · ${t("home.usual", { time: duration(app.usualStartMs) })}` : app.kind;
}

/** Another session of the same app, under a name of its own. */
function another(app) {
  const input = h("input", {
    id: "name",
    name: "name",
    required: true,
    maxlength: "40",
    pattern: "[a-zA-Z0-9_][a-zA-Z0-9_.\\-]*",
    autocomplete: "off",
    autofocus: true,
    "aria-describedby": "name-hint",
  });
  const machine = h("select", { id: "machine", name: "on" }, h("option", { value: "" }, t("another.anywhere")));
  const choice = h("div.field", { hidden: true }, h("label", { for: "machine" }, t("another.machine")), h("div.field-box", {}, machine));
  offer(app, machine, choice);
  const form = h(
    "form",
    { onsubmit: (event) => (event.preventDefault(), location.assign(startUrl(app, input.value, machine.value))) },
    h("div.field", {}, h("label", { for: "name" }, t("another.name")), h("div.field-box", {}, input), h("p.hint", { id: "name-hint" }, t("another.hint"))),
    choice,
    h("div.row.end", {}, h("button.plain", { type: "button", onclick: () => box.close() }, t("frame.cancel")), h("button.primary", {}, t("home.start"))),
  );
  const box = dialog(t("another.title", { title: app.title }), form);
}

/** The machines that have the app, with their load; nothing to choose where there is but one. */
async function offer(app, machine, choice) {
  try {
    const able = (await list("/nodes")).filter((node) => node.state === "up" && node.apps?.includes(app.id) && node.maxSessions > 0);
    if (able.length < 2) return;
    const words = (node) => t("another.load", { node: node.name, sessions: node.sessions, most: node.maxSessions, cpu: percent(node.cpuPercent) });
    machine.append(...able.map((node) => h("option", { value: node.name }, words(node))));
    choice.hidden = false;
  } catch {
    // it begins wherever there is room
  }
}
