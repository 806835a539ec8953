// The map: every node as this one sees it, and what has happened to them since that one began.
import { facts, follow, list, me as askMe } from "./api.js";
import { fill, h } from "./dom.js";
import { connection, frame, say, toast } from "./frame.js";
import { nodeCard, stateOf } from "./node.js";
import { at, has, n, t } from "./words.js";

const POINTS = 60;
const EVENTS_SHOWN = 100;

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
let events = [];
let later = 0;

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
    events = (await list("/timeline")).slice(0, EVENTS_SHOWN);
    show();
  } catch (trouble) {
    if (trouble.status !== 401) toast(trouble.message, "bad");
  }
}

function take(node) {
  const before = nodes.get(node.name);
  nodes.set(node.name, node);
  remember(node);
  if (before && ["state", "since", "version"].every((fact) => before[fact] === node[fact])) return;
  // several things that happen at once are asked for once
  clearTimeout(later);
  if (before) later = setTimeout(load, 200);
  if (before && before.state !== node.state) say(t("cluster.became", { node: node.name, state: stateOf(node) }));
}

function left(name) {
  nodes.delete(name);
  histories.delete(name);
  say(t("cluster.gone", { node: name }));
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

function happening(event) {
  const key = `cluster.${event.what}`;
  const words = has(key) ? t(key, { ...event, state: event.state && stateOf(event) }) : `${event.node}: ${event.what}`;
  return h("li", { key: `${event.time}-${event.node}-${event.what}` }, h("time", { datetime: event.time }, at(event.time)), " ", words);
}

function show() {
  const all = [...nodes.values()].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  fill(box, ...all.map((node) => nodeCard(node, { history: histories.get(node.name), mayDrain: me.admin, drained: load })));
  fill(count, n("cluster.count", all.length));
  fill(timeline, ...events.map(happening));
}
