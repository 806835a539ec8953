// Everything on this cluster, for those who look after it.
import { facts, follow, list, me as askMe } from "./api.js";
import { fill, h } from "./dom.js";
import { connection, frame, showLog, toast } from "./frame.js";
import { nodeCard } from "./node.js";
import { chip, isLive, stop, titleOf, willStop } from "./session.js";
import { ago, at, bytes, n, percent, t } from "./words.js";

const me = facts().me ?? (await askMe());
const main = frame({ me, current: "admin" });
const online = connection(main);
document.title = `${t("admin.title")} · Carrel`;

const troubleRows = h("ul.troubles");
const troubleBox = h("section.sheet.attention", { "aria-labelledby": "troubles", hidden: true }, h("h2", { id: "troubles" }, t("admin.troubles")), troubleRows);
const nodesBox = h("ul.nodes");
const rows = h("tbody");
const none = h("p.empty", { hidden: true });
const count = h("p.soft");
const filter = h("input", {
  type: "search",
  "aria-label": t("admin.filter"),
  placeholder: t("admin.filter"),
  autocomplete: "off",
  oninput: showSessions,
});
const withEnded = h("input", { type: "checkbox", id: "with-ended", onchange: showSessions });
const columns = ["owner", "app", "node", "state", "since", "cpu", "memory", "used", "stops", "acts"];
main.append(
  h("h1", {}, t("admin.title")),
  troubleBox,
  h("section", { "aria-labelledby": "nodes" }, h("h2", { id: "nodes" }, t("admin.nodes")), nodesBox),
  h(
    "section",
    { "aria-labelledby": "sessions" },
    h(
      "div.section-head",
      {},
      h("h2", { id: "sessions" }, t("admin.sessions")),
      count,
      h("div.row.filters", {}, h("label.check", { for: "with-ended" }, withEnded, t("admin.with-ended")), h("div.search", {}, filter)),
    ),
    h(
      "div.table-box",
      {},
      h(
        "table",
        { "aria-labelledby": "sessions" },
        h("thead", {}, h("tr", {}, ...columns.map((column) => h("th", { scope: "col", class: `c-${column}` }, t(`admin.column.${column}`))))),
        rows,
      ),
    ),
    none,
  ),
);

let apps = new Map();
let sessions = new Map();
let nodes = new Map();

follow("/api/v1/events?all=true", {
  open: () => {
    online(true);
    load();
  },
  lost: () => online(false),
  gone: ({ id }) => {
    sessions.delete(id);
    showSessions();
  },
  session: (session) => {
    sessions.set(session.id, session);
    showSessions();
  },
  node: (node) => {
    nodes.set(node.name, node);
    showNodes();
  },
});
load();
setInterval(() => {
  showSessions();
  showNodes();
  loadTroubles();
}, 20000);
document.addEventListener("visibilitychange", () => document.hidden || load());

async function load() {
  try {
    const [catalogue, present, machines] = await Promise.all([list("/apps"), list("/sessions?all=true"), list("/nodes")]);
    apps = new Map(catalogue.map((app) => [app.id, app]));
    sessions = new Map(present.map((session) => [session.id, session]));
    nodes = new Map(machines.map((node) => [node.name, node]));
    showNodes();
    showSessions();
    await loadTroubles();
  } catch (trouble) {
    if (trouble.status !== 401) toast(trouble.message, "bad");
  }
}

/** What lasts stays shown: bad settings, lines of the users file that don't count, workloads nobody owns. */
async function loadTroubles() {
  const troubles = await list("/troubles").catch(() => null);
  if (!troubles) return;
  troubleBox.hidden = troubles.length === 0;
  fill(
    troubleRows,
    ...troubles.map(({ node, about, what, next }) =>
      h("li", { key: `${about} ${what}` }, h("strong", {}, t(`admin.trouble.${about}`)), h("span.soft", {}, ` ${node} `), h("span", { lang: "en" }, what), h("p.hint", { lang: "en" }, next)),
    ),
  );
}

function showNodes() {
  fill(nodesBox, ...[...nodes.values()].sort((a, b) => a.name.localeCompare(b.name)).map((node) => nodeCard(node, { mayDrain: true, drained: load })));
}

function showSessions() {
  const wanted = filter.value.trim().toLocaleLowerCase().split(/\s+/);
  const found = [...sessions.values()]
    .filter((session) => withEnded.checked || isLive(session))
    .filter((session) => {
      const words = `${session.owner} ${titleOf(session, apps)} ${session.app} ${session.node} ${session.state} ${session.id}`;
      return wanted.every((word) => words.toLocaleLowerCase().includes(word));
    })
    .sort((a, b) => a.owner.localeCompare(b.owner) || a.since.localeCompare(b.since));
  fill(rows, ...found.map(row));
  fill(count, n("admin.count", found.length));
  none.hidden = found.length > 0;
  none.textContent = t(filter.value.trim() ? "admin.no-match" : "admin.none");
}

function row(session) {
  const title = titleOf(session, apps);
  const cell = (name, ...matter) => h("td", { class: `c-${name}`, "data-label": t(`admin.column.${name}`) }, ...matter);
  return h(
    "tr",
    { key: session.id },
    h("th", { scope: "row", class: "c-owner" }, session.owner),
    cell("app", h("span", { title: session.id }, title), session.pid != null && h("span.soft", {}, ` pid ${session.pid}`), session.project && h("span.soft", {}, ` ${session.project}`)),
    cell("node", session.node),
    cell("state", chip(session)),
    cell("since", h("time", { datetime: session.since, title: at(session.since) }, ago(session.since))),
    cell("cpu", session.cpuPercent == null ? "–" : percent(session.cpuPercent)),
    cell("memory", session.memoryBytes == null ? "–" : bytes(session.memoryBytes)),
    cell("used", session.lastInput ? ago(session.lastInput) : "–"),
    cell("stops", h("span", { title: session.reason ?? "" }, stopsWords(session))),
    cell(
      "acts",
      h("button.quiet", { type: "button", onclick: () => showLog(session.id, title), "aria-label": `${t("session.log")}: ${title}, ${session.owner}` }, t("session.log")),
      isLive(session) &&
        session.state !== "draining" &&
        h("button.quiet.bad", { type: "button", onclick: () => stop(session, `${title} (${session.owner})`), "aria-label": `${t("session.stop")}: ${title}, ${session.owner}` }, t("session.stop")),
    ),
  );
}

function stopsWords(session) {
  if (!isLive(session)) return session.reason ?? "–";
  return willStop(session) ? at(session.stopsAt) : "–";
}
