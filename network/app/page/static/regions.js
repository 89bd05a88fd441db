// Regions of a map: flat colours without soft edges, from a palette; what is not painted is the first of it.
import { button, byId, make } from "/static/tools.js";

const PALETTE = { sky: "#4a90d9", ground: "#3f9b57", light: "#f2c230", warm: "#d9483b", earth: "#8a5a33", pale: "#f4f1ea", dark: "#25282d", violet: "#8e5bb5" };
const LONGEST = 1024; // pixels of a map's longer side
const MOST_UNDONE = 20;
const MOST_COLOURS = 12;
const SHARE = 0.002; // of a map that a colour has at least to be one of its regions

// Pixels as whole numbers, as a Uint32Array has them: red, green, blue and opacity from the lowest byte.
const packed = (colour) => {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return (255 << 24 | blue << 16 | green << 8 | red) >>> 0;
};
const unpacked = (pixel) => `#${[0, 8, 16].map((bits) => ((pixel >>> bits) & 255).toString(16).padStart(2, "0")).join("")}`;

/** A map that is there, in a size: its pixels. */
async function pixelsOf(id, width, height) {
  const image = make("img", { src: `/api/pictures/${id}?exact` });
  await image.decode();
  const pen = make("canvas", { width, height }).getContext("2d");
  pen.imageSmoothingEnabled = false;
  pen.drawImage(image, 0, 0, width, height);
  return new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer);
}

function coloursOf(pixels) {
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= SHARE * pixels.length).sort((one, other) => other[1] - one[1])
    .slice(0, MOST_COLOURS).map(([pixel]) => unpacked(pixel));
}

/** The palette: the colours of the maps that there are, and the usual ones after them. */
async function paletteOf(maps) {
  const found = new Set();
  for (const map of maps) for (const colour of coloursOf(await pixelsOf(map, 256, 256))) found.add(colour);
  if (found.size < 2) for (const colour of Object.values(PALETTE)) found.add(colour);
  const names = Object.fromEntries(Object.entries(PALETTE).map(([name, colour]) => [colour, name]));
  return [...found].map((colour) => [names[colour] ?? colour, colour]);
}

/** What is painted: a buffer of pixels on a canvas. */
function sheet(canvas, start) {
  const { width, height } = canvas;
  const pen = canvas.getContext("2d");
  const pixels = start ?? new Uint32Array(width * height);
  const undone = [];
  const show = () => pen.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width, height), 0, 0);
  const disc = (column, row, radius, ink) => {
    for (let down = Math.max(0, Math.ceil(row - radius)); down <= Math.min(height - 1, row + radius); down++) {
      const half = Math.sqrt(radius ** 2 - (down - row) ** 2);
      const first = Math.max(0, Math.round(column - half)), last = Math.min(width, Math.round(column + half) + 1);
      if (last > first) pixels.fill(ink, down * width + first, down * width + last);
    }
  };
  show();
  return {
    pixels,
    keep() {
      undone.push(pixels.slice());
      if (undone.length > MOST_UNDONE) undone.shift();
    },
    undo() { if (undone.length) { pixels.set(undone.pop()); show(); } },
    line([column, row], [fromColumn, fromRow], radius, ink) {
      const steps = Math.max(1, Math.ceil(Math.hypot(column - fromColumn, row - fromRow) / Math.max(radius / 3, 1)));
      for (let step = 0; step <= steps; step++) {
        const share = step / steps;
        disc(fromColumn + share * (column - fromColumn), fromRow + share * (row - fromRow), radius, ink);
      }
      show();
    },
    flood([column, row], ink) {
      const begin = Math.floor(row) * width + Math.floor(column), old = pixels[begin];
      if (old === undefined || old === ink) return;
      const open = [begin];
      pixels[begin] = ink;
      while (open.length) {
        const place = open.pop(), across = place % width;
        const beside = [place - width, place + width];
        if (across > 0) beside.push(place - 1);
        if (across < width - 1) beside.push(place + 1);
        for (const next of beside) if (pixels[next] === old) { pixels[next] = ink; open.push(next); }
      }
      show();
    },
    fill(ink) { pixels.fill(ink); show(); },
  };
}

/**
 * Paint a map: a PNG, or undefined where nothing changes.
 * @param shape {width, height} of what it is a map of
 * @param under the picture that is painted over, or null
 * @param before the map so far, or null
 * @param others maps whose colours are to be used
 */
export async function paintRegions(shape, under, before, others, help) {
  const share = Math.min(1, LONGEST / Math.max(shape.width, shape.height));
  const width = Math.max(1, Math.round(shape.width * share)), height = Math.max(1, Math.round(shape.height * share));
  const palette = await paletteOf([...(before ? [before] : []), ...others]);
  const dialog = byId("brush");
  const canvas = make("canvas", { class: under ? "top" : "", width, height, "aria-label": help });
  const paper = sheet(canvas, before && await pixelsOf(before, width, height));
  const size = make("input", { type: "range", min: 1, max: 100, value: 40 });
  const radius = () => (size.value / 100) ** 1.5 * Math.min(width, height) / 3 + 0.5;
  let ink = packed(palette[0][1]), filling = false, last = null;

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * width / box.width, (event.clientY - box.top) * height / box.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    paper.keep();
    last = at(event);
    if (filling) paper.flood(last, ink);
    else paper.line(last, last, radius(), ink);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!event.buttons || filling || !last) return;
    const now = at(event);
    paper.line(now, last, radius(), ink);
    last = now;
  });

  const inks = palette.map(([name, colour], number) => {
    const swatch = button("", () => {
      ink = packed(colour);
      for (const each of inks) each.setAttribute("aria-pressed", each === swatch);
    }, { class: "swatch", "aria-label": name, title: name, "aria-pressed": String(number === 0) });
    swatch.style.setProperty("--colour", colour);
    return swatch;
  });
  const pour = button("Pour", () => {
    filling = !filling;
    pour.setAttribute("aria-pressed", filling);
  }, { "aria-pressed": "false", title: "fills what has one colour" });

  const finished = () => new Promise((resolve) => {
    const ground = packed(palette[0][1]);
    paper.pixels.forEach((pixel, place) => { if (pixel === 0) paper.pixels[place] = ground; });
    const out = make("canvas", { width, height });
    out.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(paper.pixels.buffer), width, height), 0, 0);
    out.toBlob(resolve, "image/png");
  });

  return new Promise((resolve) => {
    let answer;
    const close = (value) => { answer = value; dialog.close(); };
    const lower = under ? make("img", { src: `/api/pictures/${under}`, alt: "" }) : null;
    const stack = make("div", { class: "stack" }, lower, canvas);
    const frame = make("div", { class: "frame" }, stack);
    dialog.replaceChildren(make("p", { class: "note" }, help), frame,
      make("div", { class: "tools" }, make("div", { class: "inks", role: "group", "aria-label": "Colours" }, ...inks),
        make("label", {}, "size", size), pour, button("Undo", () => paper.undo()),
        button("Fill all", () => { paper.keep(); paper.fill(ink); }), button("Clear", () => { paper.keep(); paper.fill(0); })),
      make("div", { class: "bar" }, button("Use this map", async () => close(await finished()), { class: "main" }),
        button("Cancel", () => close(undefined))));
    dialog.addEventListener("close", () => resolve(answer), { once: true });
    dialog.onkeydown = (event) => { if (event.key === "z" && event.ctrlKey) { event.preventDefault(); paper.undo(); } };
    dialog.showModal();
    const room = Math.min(frame.clientWidth / width, 0.6 * innerHeight / height);
    (lower ?? canvas).style.width = `${width * room}px`;
    if (lower) lower.style.height = `${height * room}px`;
  });
}
