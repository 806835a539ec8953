// What every page has around its own matter: head with the reader's choices, dialogs, quiet announcements.
import { mark, sign } from "./art.js";
import { facts, post, remember, text } from "./api.js";
import { fill, h } from "./dom.js";
import { t } from "./words.js";

const THEMES = ["auto", "light", "dark"];
const THEME_SIGNS = { auto: "auto", light: "sun", dark: "moon" };

/**
 * Puts the frame around the page.
 * @param me who is signed in; undefined on pages for anybody
 * @param current which entry of the navigation is this page
 * @return the element that holds the page's own matter
 */
export function frame({ me, current = "", wide = true, portalUrl = "/" } = {}) {
  remember(me);
  const main = h("main", { id: "main", tabindex: "-1", class: wide ? "page" : "page narrow" });
  document.body.replaceChildren(
    h("a.skip", { href: "#main" }, t("frame.skip")),
    h("header.head", {}, h("div.head-row", {}, home(portalUrl), me && navigation(me, current), choices(me))),
    inTheClear(),
    main,
    h("p.said", { id: "said", role: "status", "aria-live": "polite" }),
    h("div.toasts", { id: "toasts" }),
  );
  return main;
}

/** Passwords can be read on the way: said on every page, since `insecure: true` is easily forgotten. */
function inTheClear() {
  const own = /^(localhost|.*\.localhost|127\.[0-9.]+|\[::1\])$/.test(location.hostname);
  // the document's own method would write "false"
  return location.protocol === "http:" && !own ? h("p.clear", { role: "note" }, t("frame.in-the-clear")) : "";
}

function home(portalUrl) {
  return h("a.brand", { href: portalUrl }, mark(), h("span", {}, facts().title || "Carrel"));
}

function navigation(me, current) {
  const entry = (name, href) =>
    h("a.tab", { href, "aria-current": name === current ? "page" : false }, t(`frame.${name}`));
  return h(
    "nav.tabs",
    { "aria-label": t("frame.navigation") },
    entry("home", "/"),
    entry("cluster", "/cluster"),
    me.admin && entry("admin", "/admin"),
  );
}

function choices(me) {
  return h(
    "div.choices",
    {},
    languageChoice(),
    themeButton(),
    me && h("span.who", { title: t("frame.signed-in", { user: me.user }) }, me.user),
    me && h("button.quiet.leave", { type: "button", onclick: signOut }, t("frame.sign-out")),
  );
}

async function signOut() {
  try {
    await post("/sign-out");
  } catch (trouble) {
    if (trouble.status !== 401) return toast(trouble.message, "bad");
  }
  location.assign("/sign-in?out");
}

function themeButton() {
  const button = h("button.icon", { type: "button" });
  const show = () => {
    const theme = stored("carrel.theme") || "auto";
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    const label = t(`frame.theme.${theme}`);
    button.replaceChildren(sign(THEME_SIGNS[theme] ?? "auto"));
    button.setAttribute("aria-label", label);
    button.title = label;
    button.onclick = () => {
      keep("carrel.theme", next === "auto" ? "" : next);
      if (next === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = next;
      show();
      say(t(`frame.theme.${next}`));
    };
  };
  show();
  return button;
}

function languageChoice() {
  const chosen = document.documentElement.lang;
  const select = h("select.language", { "aria-label": t("frame.language") });
  select.onchange = () => {
    keep("carrel.language", select.value);
    location.reload();
  };
  const offer = (names) =>
    select.replaceChildren(
      ...Object.entries(names).map(([code, name]) =>
        h("option", { value: code, selected: code === chosen, lang: code }, name),
      ),
    );
  offer({ [chosen]: chosen });
  fetch(new URL("messages/languages.json", import.meta.url))
    .then((answer) => answer.json())
    .then(offer)
    .catch(() => select.remove());
  return select;
}

function stored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key, value) {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    // the choice then lasts as long as the page
  }
}

/** Says it to those who listen, shows nothing. */
export function say(words) {
  const said = document.getElementById("said");
  if (said && said.textContent !== words) said.textContent = words;
}

/** Shows a sentence for a while at the lower edge. @param kind `good` or `bad`; bad ones stay until closed */
export function toast(words, kind = "good") {
  const close = h("button.icon", { type: "button", "aria-label": t("frame.close") }, sign("cross"));
  const shown = h("div.toast", { class: `toast ${kind}`, role: kind === "bad" ? "alert" : "status" }, h("p", {}, words), close);
  close.onclick = () => shown.remove();
  const toasts = document.getElementById("toasts");
  while (toasts.children.length > 2) toasts.firstChild.remove();
  toasts.append(shown);
  if (kind !== "bad") setTimeout(() => shown.remove(), 6000);
}

/** Opens a modal dialog; Esc, a click beside it and `close` end it; the browser gives the focus back. */
export function dialog(title, ...matter) {
  const box = h("dialog", { "aria-labelledby": "dialog-title" }, h("h2", { id: "dialog-title" }, title), ...matter);
  box.addEventListener("click", (event) => event.target === box && box.close());
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  return box;
}

/** @return a promise of true when confirmed, false when left in any other way */
export function confirm(title, sentence, verb) {
  return new Promise((settle) => {
    const no = h("button.plain", { type: "button", autofocus: true }, t("frame.cancel"));
    const yes = h("button.danger", { type: "button" }, verb);
    const box = dialog(title, h("p", {}, sentence), h("div.row.end", {}, no, yes));
    no.onclick = () => box.close();
    yes.onclick = () => {
      settle(true);
      box.close();
    };
    box.addEventListener("close", () => settle(false));
  });
}

/** The last lines of a session's log, read again every 3 s while it is open. */
export function showLog(session, title) {
  const lines = h("pre.log", { tabindex: "0", "aria-label": t("log.lines") });
  const close = h("button.plain", { type: "button", autofocus: true }, t("frame.close"));
  const box = dialog(t("log.title", { title }), lines, h("div.row.end", {}, close));
  box.classList.add("wide");
  close.onclick = () => box.close();
  const read = async () => {
    try {
      const log = await text(`/sessions/${session}/logs?lines=400`);
      const atEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 8;
      lines.textContent = log || t("log.empty");
      if (atEnd) lines.scrollTop = lines.scrollHeight;
    } catch (trouble) {
      lines.textContent = trouble.message;
    }
  };
  read();
  const timer = setInterval(read, 3000);
  box.addEventListener("close", () => clearInterval(timer));
}

/** A line at the top of the page while the stream of events is broken. */
export function connection(main) {
  const line = h("p.offline", { role: "status", hidden: true });
  main.before(line);
  return (there) => {
    line.hidden = there;
    fill(line, there ? "" : t("frame.reconnecting"));
  };
}
