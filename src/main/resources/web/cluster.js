// The map: every node as this one sees it, and what has happened since the page was opened.
import { facts, follow, list, me as askMe } from "./api.js";
import { fill, h } from "./dom.js";
import { connection, frame, say, toast } from "./frame.js";
import { nodeCard, stateOf } from "./node.js";
import { at, n, t } from "./words.js";

const POINTS = 60;
const EVENTS = 100;

const me = facts().me ?? (await askMe());
const main = frame({ me, current: "cluster" });
const online = connection(main);
document.title = `${t("cluster.title")} · Carrel`;

const box = h("ul.nodes");
const count = h("p.soft");
const timeline = h("ol.timeline");
main.append(
  h("div.section-head", {}, h("h1", {}, t("cluster.title")), count),
  h("section", { "aria-label": t("cluster.title") }, box),
  h("section", { "aria-labelledby": "timeline" }, h("h2", { id: "timeline" }, t("cluster.timeline")), timeline),
);

const nodes = new Map();
const histories = new Map();
const events = [];

follow("/api/v1/events", {
  open: () => {
    online(true);
    load();
  },
  lost: () => online(false),
  node: (node) => {
    take(node);
    show();
  },
});
load();
setInterval(show, 5000);
setInterval(load, 30000); // who left is not told
document.addEventListener("visibilitychange", () => document.hidden || load());

async function load() {
  try {
    const present = await list("/nodes");
    const names = new Set(present.map((node) => node.name));
    [...nodes.keys()].filter((name) => !names.has(name)).forEach(left);
    present.forEach(take);
    show();
  } catch (trouble) {
    if (trouble.status !== 401) toast(trouble.message, "bad");
  }
}

function take(node) {
  const before = nodes.get(node.name);
  nodes.set(node.name, node);
  remember(node);
  if (!before) happened(t("cluster.seen", { node: node.name, state: stateOf(node) }));
  else if (before.state !== node.state) happened(t("cluster.became", { node: node.name, state: stateOf(node) }), true);
  else if (before.since !== node.since) happened(t("cluster.restarted", { node: node.name }), true);
  if (before && before.version !== node.version) happened(t("cluster.version", { node: node.name, version: node.version }));
}

function left(name) {
  nodes.delete(name);
  histories.delete(name);
  happened(t("cluster.gone", { node: name }), true);
}

function remember(node) {
  const history = histories.get(node.name) ?? { cpu: [], load: [], phi: [] };
  histories.set(node.name, history);
  for (const [list, value] of [
    [history.cpu, node.cpuPercent],
    [history.load, node.load1],
    [history.phi, node.phi],
  ]) {
    if (value == null) continue;
    list.push(value);
    if (list.length > POINTS) list.shift();
  }
}

/** @param aloud worth interrupting those who listen */
function happened(words, aloud = false) {
  events.unshift({ time: new Date().toISOString(), words });
  events.length = Math.min(events.length, EVENTS);
  if (aloud) say(words);
}

function show() {
  const all = [...nodes.values()].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  fill(box, ...all.map((node) => nodeCard(node, { history: histories.get(node.name), mayDrain: me.admin, drained: load })));
  fill(count, n("cluster.count", all.length));
  fill(timeline, ...events.map(({ time, words }, i) => h("li", { key: `${time}-${events.length - i}` }, h("time", { datetime: time }, at(time)), " ", words)));
}
