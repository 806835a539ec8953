// The slim bar on a session's own pages: what this is, how it stands, when it would be stopped; the way back and the
// way to end it. It is a guest: a closed shadow root outside <body>, no global names, nothing of the app patched, silent
// when it can't be had (no right to the state, a policy of the app against us, an old browser).
(() => {
  const base = new URL(".", document.currentScript?.src ?? location.href);
  // one bar in a window, none in the app's own frames
  if (window.top !== window || document.querySelector("carrel-bar") || !base.pathname.endsWith("/.carrel/")) return;

  const SOON_MS = 10 * 60 * 1000;
  const UNSEEN_MS = 300; // a cut that is mended by then is nobody's business
  let words = {};
  let state;
  let skew = 0;
  let lost = ""; // safe, reconnecting, signed-out, page-gone
  let cut; // a timer
  let patience = 3000;
  let asking = false;
  let looking = false; // at the page behind the card
  let said = "";

  const host = document.createElement("carrel-bar");
  const root = host.attachShadow({ mode: "closed" });
  // keys pressed in the bar are not the app's (Jupyter would run a cell)
  for (const name of ["keydown", "keyup", "keypress"]) host.addEventListener(name, (event) => event.stopPropagation());

  start().catch(() => host.remove());

  async function start() {
    state = await read("state");
    words = await messages();
    await styles();
    render();
    follow();
    document.addEventListener("carrel:link", linkChanged);
    if (document.documentElement.dataset.carrelLink === "cut") lose("safe");
    // signing in happens in another tab: whoever comes back from there waits for nothing
    document.addEventListener("visibilitychange", () => lost === "signed-out" && read("state").then(found, () => {}));
    setInterval(tick, 1000);
  }

  /** How the page's own connection stands (link.js), which outlives the ones that carry it. */
  function linkChanged({ detail: { state: link } }) {
    clearTimeout(cut);
    if (link === "cut") cut = setTimeout(lose, UNSEEN_MS, "safe");
    else if (link === "signed-out") lose("signed-out");
    else if (link === "resumed") found(state);
    else if (link === "gone") pageGone();
  }

  /** It won't go on. When its session does, another page of it will. */
  async function pageGone() {
    const news = await read("state").catch(() => undefined);
    if (news?.state === "ready") lose("page-gone");
    else if (news) found(news);
  }

  async function read(path) {
    const answer = await fetch(new URL(path, base), { headers: { Accept: "application/json" } });
    if (!answer.ok) throw Object.assign(new Error("refused"), { status: answer.status });
    const served = Date.parse(answer.headers.get("Date") ?? "");
    if (served && Math.abs(served - Date.now()) > 2000) skew = served - Date.now();
    return answer.json();
  }

  async function messages() {
    const wanted = [remembered("carrel.language"), ...navigator.languages, "en"];
    const known = await read("web/messages/languages.json");
    const language = wanted.map((tag) => tag?.split("-")[0]).find((tag) => tag in known) ?? "en";
    host.lang = language;
    return read(`web/messages/${language}.json`);
  }

  /** Waits for the style: a bar without it would stand in the way. */
  function styles() {
    const link = element("link", { rel: "stylesheet", href: new URL("bar.css", base).href });
    host.hidden = true;
    return new Promise((settle, fail) => {
      link.onload = () => settle((host.hidden = false));
      link.onerror = fail;
      root.append(link);
      document.documentElement.append(host);
    });
  }

  function follow() {
    const source = new EventSource(new URL("events", base));
    source.addEventListener("state", (event) => {
      found(JSON.parse(event.data));
      if (state.state === "ended") source.close();
    });
    source.onopen = () => {
      patience = 3000;
      if (lost !== "page-gone") found(state);
    };
    source.onerror = () => {
      if (state.state === "ended") return;
      if (!lost) lose("reconnecting");
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(again, patience);
      patience = Math.min(2 * patience, 60000);
    };
  }

  function lose(how) {
    if (lost !== how) looking = false;
    lost = how;
    render();
  }

  /** Draws only what is new: a screen reader would hear the same line again and again. */
  function found(news) {
    if (lost === "page-gone" && news.state !== "ended") return;
    if (!lost && JSON.stringify(news) === JSON.stringify(state)) return;
    lost = "";
    state = news;
    render();
  }

  /** The stream was refused: the session may be gone, or we are signed out. */
  async function again() {
    try {
      found(await read("state"));
    } catch (trouble) {
      // a session that ended long ago is forgotten; anything else may pass
      if (trouble.status === 404 || trouble.status === 410) found({ ...state, state: "ended", reason: "" });
      else if (trouble.status === 401 && lost !== "signed-out") lose("signed-out");
    }
    if (state.state !== "ended") follow();
  }

  function t(key, values = {}) {
    return (words[`bar.${key}`] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  function left() {
    return Date.parse(state.stopsAt ?? "") - Date.now() - skew;
  }

  function near() {
    return state.state === "ready" && (state.verdict === "warn" || left() < SOON_MS);
  }

  function render() {
    const old = root.querySelector(".bar, .veil");
    const held = root.activeElement?.dataset.act;
    const card = veiled();
    const fresh = card ? veil(card) : pill();
    if (old) old.replaceWith(fresh);
    else root.append(fresh);
    if (card && !old?.matches(".veil")) fresh.firstChild.focus(); // not a way out: who types on presses none by accident
    else if (held) (fresh.querySelector(`[data-act="${held}"]`) ?? fresh.querySelector("a, button"))?.focus();
  }

  function pill() {
    const folded = remembered("carrel.bar.folded") && !near() && !asking && !lost;
    const side = remembered("carrel.bar.side") === "left" ? "left" : "right";
    const name = state.name === "default" ? state.appTitle : `${state.appTitle} · ${state.name}`;
    const bar = element("div", {
      class: `bar ${side}${folded ? " folded" : ""}${near() ? " near" : ""}`,
      role: "region",
      "aria-label": t("label"),
    });
    if (folded) {
      bar.append(button("unfold", "", fold, mark()));
      return bar;
    }
    if (asking) {
      bar.append(element("span", {}, t("sure")), button("yes", "danger", stop), button("no", "", () => ask(false)));
      return bar;
    }
    bar.append(
      element("a", { class: "home", href: state.portalUrl, title: t("portal"), "data-act": "portal" }, mark(), element("span", { class: "portal" }, t("portal"))),
      element("span", { class: `name ${lost ? "lost" : state.state}`, title: state.reason ?? "" }, name),
      element("span", { class: "line", role: "status" }, line()),
    );
    if (lost === "page-gone") bar.append(button("reload", "keep", () => location.reload()));
    if (near()) bar.append(button("keep", "keep", keep));
    if (state.state === "ready") bar.append(button("stop", "", () => ask(true)));
    bar.append(button("other-side", "small", otherSide, arrows()), button("fold", "small", fold, chevron()));
    return bar;
  }

  function line() {
    if (lost) return t(lost);
    if (said) return said;
    if (state.state === "draining") return t("stopping");
    return near() ? t("soon", { left: clock(left()) }) : "";
  }

  function clock(ms) {
    const seconds = Math.max(0, Math.ceil(ms / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  function tick() {
    if (!near() || lost) return;
    const shown = root.querySelector(".line");
    // the first tick within the last minutes also brings the button
    if (shown && root.querySelector(".keep")) shown.textContent = line();
    else render();
  }

  /** What stands in front of a page that nobody can work in: the card's title, why, and its first way out. */
  function veiled() {
    if (state.state === "ended")
      return remembered("carrel.bar.look") ? null : { title: "ended", why: state.reason ?? "", lang: "en", act: "again", to: {} };
    if (lost !== "signed-out" || looking) return null;
    return { title: "signed-out", why: t("signed-out-why"), lang: host.lang, act: "sign-in", to: { target: "_blank", rel: "noopener" } };
  }

  function veil({ title, why, lang, act, to }) {
    const card = element(
      "div",
      { class: "card", role: "alertdialog", tabindex: "-1", "aria-labelledby": "title", "aria-describedby": "why" },
      element("h2", { id: "title" }, t(title)),
      element("p", { id: "why", lang }, why),
      element(
        "p",
        { class: "acts" },
        element("a", { class: "keep", href: state.startUrl, "data-act": act, ...to }, t(act)),
        element("a", { href: state.portalUrl, "data-act": "portal", ...to }, t("portal")),
        button("look", "", look),
      ),
    );
    return element("div", { class: "veil" }, card);
  }

  function look() {
    looking = true;
    if (state.state === "ended") remember("carrel.bar.look", "yes", sessionStorage);
    render();
  }

  async function post(verb) {
    const answer = await fetch(new URL(verb, base), { method: "POST", headers: { "X-Carrel-Token": "bar" } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const news = await answer.json().catch(() => undefined);
    if (news?.state) state = news;
  }

  async function keep() {
    await post("extend").then(() => tell(t("kept")), () => tell(t("failed")));
  }

  async function stop() {
    asking = false;
    await post("stop").then(() => tell(t("stopping")), () => tell(t("failed")));
  }

  function tell(words) {
    said = words;
    render();
    setTimeout(() => {
      said = "";
      render();
    }, 4000);
  }

  function ask(whether) {
    asking = whether;
    render();
    root.querySelector(`[data-act="${whether ? "no" : "stop"}"]`)?.focus();
  }

  function fold() {
    remember("carrel.bar.folded", remembered("carrel.bar.folded") ? "" : "yes");
    render();
    root.querySelector('[data-act="unfold"], [data-act="fold"]')?.focus();
  }

  function otherSide() {
    remember("carrel.bar.side", remembered("carrel.bar.side") === "left" ? "right" : "left");
    render();
  }

  function remembered(key) {
    try {
      return localStorage.getItem(key) || sessionStorage.getItem(key) || "";
    } catch {
      return "";
    }
  }

  function remember(key, value, store) {
    try {
      (store ?? localStorage).setItem(key, value);
    } catch {
      // remembered for as long as the page, then
    }
  }

  function button(act, kind, onclick, sign) {
    const made = element("button", { type: "button", class: kind, "data-act": act }, sign ?? t(act));
    if (sign) made.setAttribute("aria-label", t(act));
    if (sign) made.title = t(act);
    made.onclick = onclick;
    return made;
  }

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  function drawing(box, ...paths) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    made.setAttribute("viewBox", box);
    made.setAttribute("aria-hidden", "true");
    for (const d of paths) {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", d);
      made.append(path);
    }
    return made;
  }

  function mark() {
    return drawing("0 0 32 32", "M4 28V7.500C4 5 5.500 4 8 4h16c2.500 0 4 1 4 3.500V28M4 20.500h24M17.500 8.500v-4M13.200 12a4.300 3.500 0 0 1 8.600 0z");
  }

  function chevron() {
    return drawing("0 0 24 24", "M6 9l6 6 6-6");
  }

  function arrows() {
    return drawing("0 0 24 24", "M8 7l-5 5 5 5M16 7l5 5-5 5M3 12h18");
  }
})();
