// Somebody used a workload's own way to sign out; it would have signed them in again at once.
import { facts } from "./api.js";
import { h } from "./dom.js";
import { frame } from "./frame.js";
import { t } from "./words.js";

const { me } = facts();
const main = frame({ me, wide: false });
document.title = t("signout.heading");

main.append(
  h(
    "form.sheet.notice",
    { method: "post", action: "/sign-out" },
    h("h1", {}, t("signout.heading")),
    h("p", {}, t("signout.text", { user: me.user })),
    h("input", { type: "hidden", name: "csrf", value: me.csrf }),
    h(
      "div.row",
      {},
      h("button.primary", { type: "submit", autofocus: true }, t("frame.sign-out")),
      h("a.button.plain", { href: "/" }, t("signout.no")),
    ),
  ),
);
