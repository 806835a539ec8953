// A link from another site wants to start something: only a click here may.
import { facts } from "./api.js";
import { h } from "./dom.js";
import { frame } from "./frame.js";
import { t } from "./words.js";

const { appTitle, name, csrf, action, me } = facts();
const main = frame({ me, wide: false });
const title = name && name !== "default" ? `${appTitle} · ${name}` : appTitle;
document.title = t("consent.title", { title });

main.append(
  h(
    "form.sheet.notice",
    { method: "post", action },
    h("h1", {}, t("consent.heading", { title })),
    h("p", {}, t("consent.text", { title })),
    h("input", { type: "hidden", name: "csrf", value: csrf }),
    h("div.row", {}, h("button.primary", { type: "submit", autofocus: true }, t("consent.start")), h("a.button.plain", { href: "/" }, t("consent.no"))),
  ),
);
