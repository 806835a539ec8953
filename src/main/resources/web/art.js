// Drawings: the mark, the desk of the sign-in page, sparklines, and the few signs on buttons. All of them decoration:
// the words stand beside them.
import { svg } from "./dom.js";

const hidden = { "aria-hidden": "true", focusable: "false" };

function lines(viewBox, kind, ...paths) {
  return svg(`svg.${kind}`, { viewBox, ...hidden }, ...paths.map((d) => svg("path", { d })));
}

/** A carrel from the front: two walls, a shelf, a lamp, the desk. Like favicon.svg. */
export function mark() {
  return svg(
    "svg.mark",
    { viewBox: "0 0 32 32", ...hidden },
    svg("path.mark-wall", { d: "M4 28V7.5C4 5 5.5 4 8 4h16c2.500 0 4 1 4 3.500V28" }),
    svg("path.mark-light", { d: "M13.200 12h8.600l2.200 8H11z" }),
    svg("path.mark-lamp", { d: "M17.500 8.500v-4M13.200 12a4.300 3.500 0 0 1 8.600 0z" }),
    svg("path.mark-desk", { d: "M4 20.500h24" }),
  );
}

/** The same desk, larger, with a book and the light of its lamp. */
export function desk() {
  return svg(
    "svg.desk",
    { viewBox: "0 0 320 300", ...hidden },
    svg("path.desk-light", { d: "M182 92h52l44 108H120z" }),
    svg("path.desk-wall", { d: "M40 276V60c0-16 8-24 24-24h192c16 0 24 8 24 24v216" }),
    svg("path.desk-line", { d: "M40 78h96M64 78V52h8v26M78 78V46h12v32M98 78V56h8v22M112 78l7-27 9 2-6 25" }),
    svg("path.desk-lamp", { d: "M182 92c0-15 11-25 26-25s26 10 26 25z" }),
    svg("path.desk-line", { d: "M208 67V36" }),
    svg("path.desk-top", { d: "M28 200h264v12H28z" }),
    svg("path.desk-line", { d: "M58 212v64M262 212v64M58 232h68M126 212v20M88 222h10" }),
    svg("path.desk-page", { d: "M206 197c-14-10-34-13-52-9v-5c18-5 38-2 52 8 14-10 34-13 52-8v5c-18-4-38-1-52 9z" }),
    svg("path.desk-line", { d: "M206 191v6" }),
    svg("path.desk-line", { d: "M84 200v-34h48v34M94 190l9-9 8 5 12-13" }),
  );
}

const signs = {
  search: ["M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16.200 16.200 20.500 20.500"],
  sun: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400"],
  moon: ["M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z"],
  auto: ["M12 3.500a8.500 8.500 0 1 0 0 17z", "M12 3.500a8.500 8.500 0 0 1 0 17"],
  check: ["M5 12.500l4.500 4.500L19 7.500"],
  cross: ["M6 6l12 12M18 6L6 18"],
  arrow: ["M5 12h13M12.500 6.500 18 12l-5.500 5.500"],
};

export function sign(name) {
  return lines("0 0 24 24", "sign", ...signs[name]);
}

/**
 * A small curve of the last samples; newest at the right edge.
 * @param values at most 60
 * @param least  the top of the scale is at least this, so that noise near zero stays flat
 */
export function sparkline(values, least) {
  const width = 120;
  const height = 28;
  const slots = 59;
  const top = Math.max(least, ...values) * 1.08;
  const points = values.map((value, index) => {
    const x = width - ((values.length - 1 - index) * width) / slots;
    return `${x.toFixed(1)} ${(height - 1.5 - (value / top) * (height - 4)).toFixed(1)}`;
  });
  const line = points.length > 1 ? `M${points.join("L")}` : "";
  const left = points.length > 1 ? points[0].split(" ")[0] : "0";
  return svg(
    "svg.spark",
    { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", ...hidden },
    svg("path.spark-base", { d: `M0 ${height - 0.5}H${width}` }),
    svg("path.spark-area", { d: line && `${line}L${width} ${height}L${left} ${height}Z` }),
    svg("path.spark-line", { d: line }),
  );
}
