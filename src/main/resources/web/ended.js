// A session that is no more: why, its last words, and the way on.
import { facts } from "./api.js";
import { h } from "./dom.js";
import { frame } from "./frame.js";
import { t } from "./words.js";

const { appTitle, sentence, lastLines, startUrl, portalUrl } = facts();
const main = frame({ wide: false, portalUrl });
document.title = t("ended.title", { title: appTitle });

main.append(
  h(
    "div.sheet.notice",
    {},
    h("h1", {}, t("ended.heading", { title: appTitle })),
    sentence && h("p.cause", { lang: "en" }, sentence),
    lastLines?.length > 0 && [h("h2", {}, t("log.last")), h("pre.log", { tabindex: "0" }, lastLines.join("\n"))],
    h(
      "div.row",
      {},
      startUrl && h("a.button.primary", { href: startUrl }, t("session.start-again")),
      h("a.button.plain", { href: portalUrl }, t("wait.back")),
    ),
  ),
);
