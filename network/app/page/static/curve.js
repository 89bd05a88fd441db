// Curves of the loss and its terms on a logarithmic scale; changes of weights are dashed lines.
import { figure, make } from "/static/tools.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 400, HEIGHT = 160, EDGE = 6;

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function curve(points, changes = []) {
  const names = ["loss", ...Object.keys(points.at(-1)?.terms ?? {})];
  const value = (point, name) => (name === "loss" ? point.loss : point.terms[name]);
  const logs = points.flatMap((point) => names.map((name) => value(point, name))).filter((each) => each > 0).map(Math.log10);
  const picture = svg("svg", { class: "curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img",
    "aria-label": "The loss and its terms over the evaluations, logarithmic" });
  if (!logs.length) return make("div", {}, picture);
  const most = Math.max(...logs), least = Math.max(Math.min(...logs), most - 6);
  const last = Math.max(points.at(-1).evaluation, 2);
  const across = (evaluation) => EDGE + ((evaluation - 1) / (last - 1)) * (WIDTH - 2 * EDGE);
  const down = (number) => EDGE + ((most - Math.max(Math.log10(number), least)) / (most - least || 1)) * (HEIGHT - 2 * EDGE);
  for (const change of changes) {
    const at = across(change.evaluation + 0.5);
    picture.append(svg("line", { x1: at, x2: at, y1: 0, y2: HEIGHT }));
  }
  for (const name of names) {
    const drawn = points.filter((point) => value(point, name) > 0);
    const path = drawn.map((point, number) =>
      `${number ? "L" : "M"}${across(point.evaluation).toFixed(1)} ${down(value(point, name)).toFixed(1)}`).join("");
    picture.append(svg("path", { d: path, class: `c-${name}` }));
  }
  const legend = make("ul", { class: "legend" }, ...names.map((name) =>
    make("li", { class: `c-${name}` }, make("span", {}, `${name} ${figure(value(points.at(-1), name) ?? 0)}`))));
  return make("div", {}, picture, legend);
}
