// The whole of our "framework": build elements, and bring a tree to the shape of another without losing focus,
// selection or scroll. Text is always text: nothing here parses HTML.

const SVG = "http://www.w3.org/2000/svg";
const HANDLERS = ["onclick", "onsubmit", "oninput", "onchange", "onkeydown"];

/**
 * @param {string} tag `p`, or with classes `p.soft.small`
 * @param {object} properties attributes; `on…` are handlers; false, null and undefined are left out; true is an empty attribute;
 *   `key` names an element among its siblings for `morph`
 * @param children nodes, texts, arrays of them; false, null and undefined are left out
 */
export function h(tag, properties = {}, ...children) {
  return build(document.createElement(tag.split(".")[0]), tag, properties, children);
}

export function svg(tag, properties = {}, ...children) {
  return build(document.createElementNS(SVG, tag.split(".")[0]), tag, properties, children);
}

function build(element, tag, properties, children) {
  const classes = tag.split(".").slice(1);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value == null) continue;
    if (name.startsWith("on")) element[name] = value;
    else if (name === "key") element.dataset.key = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child != null && child !== false && child !== ""));
  return element;
}

/** Brings `from` to the shape of `to`; elements that stay are the same objects. */
export function morph(from, to) {
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName || keyOf(from) !== keyOf(to)) {
    from.replaceWith(to);
    return to;
  }
  if (from.nodeType === Node.TEXT_NODE) {
    if (from.data !== to.data) from.data = to.data;
    return from;
  }
  attributes(from, to);
  for (const handler of HANDLERS) from[handler] = to[handler];
  children(from, to);
  return from;
}

/** Like `morph` for what is inside: for a container that belongs to the page. */
export function fill(container, ...nodes) {
  const wanted = container.cloneNode(false);
  wanted.append(...nodes.flat(3).filter((node) => node != null && node !== false));
  children(container, wanted);
}

function attributes(from, to) {
  // what the reader did with a <details> is theirs
  for (const { name } of [...from.attributes])
    if (!to.hasAttribute(name) && name !== "open") from.removeAttribute(name);
  for (const { name, value } of to.attributes)
    if (from.getAttribute(name) !== value && name !== "open") from.setAttribute(name, value);
}

function children(from, to) {
  const keyed = new Map();
  for (const child of from.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  let place = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const known = keyOf(wanted) && keyed.get(keyOf(wanted));
    if (known && known !== place) from.insertBefore(known, place);
    if (known) {
      place = morph(known, wanted).nextSibling;
    } else if (place && !keyOf(place) && !keyOf(wanted)) {
      place = morph(place, wanted).nextSibling;
    } else {
      from.insertBefore(wanted, place);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function keyOf(node) {
  return node.dataset?.key ?? "";
}
