// The sign-in page: an ordinary form, so that password managers and keyboards work as everywhere.
import { facts } from "./api.js";
import { desk } from "./art.js";
import { h } from "./dom.js";
import { frame } from "./frame.js";
import { duration, has, t } from "./words.js";

const { next = "/", user: typed = "", problem, message = "", retryAfterSeconds } = facts();
const main = frame();
main.classList.add("signin");
document.title = `${t("signin.title")} · Carrel`;

// a word that the bundle knows, else the server's own sentence
const said = has(`signin.problem.${problem}`) ? t(`signin.problem.${problem}`) : message;
const alert = h("p", { class: problem === "signed-out" ? "alert good" : "alert", role: "alert", id: "alert", hidden: !said && !retryAfterSeconds }, said);
const button = h("button.primary.whole", { type: "submit" }, t("signin.submit"));
const password = field("password", "current-password", { type: "password" });
const user = field("user", "username", { autocapitalize: "none", spellcheck: "false", value: typed });

main.append(
  h("div.signin-art", {}, desk(), h("p.motto", {}, t("signin.motto"))),
  h(
    "form.sheet.signin-form",
    { method: "post", action: "/sign-in", onsubmit: once },
    h("h1", {}, t("signin.heading")),
    alert,
    user,
    password,
    h("input", { type: "hidden", name: "next", value: next }),
    button,
  ),
);
password.querySelector(".field-box").append(reveal());
(typed ? password : user).querySelector("input").focus();
if (retryAfterSeconds) hold(Date.now() + retryAfterSeconds * 1000);

function field(name, autocomplete, attributes) {
  const described = said ? "alert" : false;
  return h(
    "div.field",
    {},
    h("label", { for: name }, t(`signin.${name}`)),
    h(
      "div.field-box",
      {},
      h("input", { id: name, name, autocomplete, required: true, maxlength: "200", "aria-describedby": described, ...attributes }),
    ),
  );
}

function reveal() {
  const show = h("button.quiet", { type: "button", "aria-pressed": "false", "aria-controls": "password" }, t("signin.show"));
  show.onclick = () => {
    const input = document.getElementById("password");
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    show.setAttribute("aria-pressed", String(shown));
    show.textContent = t(shown ? "signin.hide" : "signin.show");
    input.focus();
  };
  return show;
}

/** A second click while the first is under way would only count against the limit of attempts. */
function once(event) {
  if (button.getAttribute("aria-disabled") === "true") return event.preventDefault();
  button.setAttribute("aria-disabled", "true");
  addEventListener("pageshow", () => button.removeAttribute("aria-disabled"));
}

function hold(until) {
  alert.hidden = false;
  button.setAttribute("aria-disabled", "true");
  const tick = () => {
    const left = until - Date.now();
    if (left <= 0) {
      clearInterval(timer);
      button.removeAttribute("aria-disabled");
      alert.textContent = t("signin.again");
      return;
    }
    alert.textContent = `${said} ${t("signin.wait", { time: duration(Math.ceil(left / 1000) * 1000) })}`;
  };
  const timer = setInterval(tick, 1000);
  tick();
}
