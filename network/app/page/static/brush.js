// A brush at the picture's own resolution: white where it was painted, black elsewhere.
import { button, byId, make } from "/static/tools.js";

const UNDONE = 2e8; // bytes of pictures that can be gone back to
const INK = "#ff3b6b";

/** Paint a mask over a picture: a PNG, null for no mask any more, undefined where nothing changes. */
export function paintMask(id, picture, before, help) {
  const dialog = byId("brush");
  const canvas = make("canvas", { class: "top", width: picture.width, height: picture.height, "aria-label": help });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const image = make("img", { src: `/api/pictures/${id}`, alt: "" });
  const size = make("input", { type: "range", min: 1, max: 100, value: 30 });
  const soft = make("input", { type: "range", min: 0, max: 100, value: 0 });
  const undone = [];
  let erasing = false, last = null;

  const keep = () => {
    undone.push(pen.getImageData(0, 0, canvas.width, canvas.height));
    if (undone.length > Math.max(2, Math.min(20, UNDONE / (4 * canvas.width * canvas.height)))) undone.shift();
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
  };
  const draw = (event) => {
    const [column, row] = at(event);
    const width = Math.max(1, (size.value / 100) ** 1.5 * Math.min(canvas.width, canvas.height) / 1.5);
    pen.globalCompositeOperation = erasing ? "destination-out" : "source-over";
    Object.assign(pen, { lineCap: "round", lineJoin: "round", lineWidth: width, strokeStyle: INK, shadowColor: INK,
      shadowBlur: (soft.value / 100) * width });
    pen.beginPath();
    pen.moveTo(...(last ?? [column, row]));
    pen.lineTo(column, row);
    pen.stroke();
    last = [column, row];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    keep();
    last = null;
    draw(event);
  });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons) draw(event); });

  const fill = (ink) => {
    keep();
    Object.assign(pen, { globalCompositeOperation: "source-over", shadowBlur: 0, fillStyle: INK });
    pen.clearRect(0, 0, canvas.width, canvas.height);
    if (ink) pen.fillRect(0, 0, canvas.width, canvas.height);
  };
  const invert = () => {
    keep();
    Object.assign(pen, { globalCompositeOperation: "xor", shadowBlur: 0, fillStyle: INK });
    pen.fillRect(0, 0, canvas.width, canvas.height);
  };
  const undo = () => { if (undone.length) pen.putImageData(undone.pop(), 0, 0); };
  const erase = button("Erase", () => {
    erasing = !erasing;
    erase.setAttribute("aria-pressed", erasing);
  }, { "aria-pressed": "false" });

  if (before) { // an earlier mask: its white becomes ink
    const old = new Image();
    old.addEventListener("load", () => {
      pen.drawImage(old, 0, 0, canvas.width, canvas.height);
      const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
      for (let place = 0; place < pixels.data.length; place += 4) pixels.data[place + 3] = pixels.data[place];
      pen.putImageData(pixels, 0, 0);
      Object.assign(pen, { globalCompositeOperation: "source-in", fillStyle: INK });
      pen.fillRect(0, 0, canvas.width, canvas.height);
    });
    old.src = `/api/pictures/${before}?exact`;
  }

  const finished = () => new Promise((resolve) => {
    const out = make("canvas", { width: canvas.width, height: canvas.height });
    const paper = out.getContext("2d");
    Object.assign(pen, { globalCompositeOperation: "source-in", shadowBlur: 0, fillStyle: "#fff" });
    pen.fillRect(0, 0, canvas.width, canvas.height);
    paper.fillStyle = "#000";
    paper.fillRect(0, 0, out.width, out.height);
    paper.drawImage(canvas, 0, 0);
    out.toBlob(resolve, "image/png");
  });

  return new Promise((resolve) => {
    let answer;
    const close = (value) => { answer = value; dialog.close(); };
    const file = make("input", { type: "file", accept: "image/*", hidden: true, change: () => file.files.length && close(file.files[0]) });
    const stack = make("div", { class: "stack" }, image, canvas);
    image.addEventListener("load", () => {
      const room = Math.min(frame.clientWidth / picture.width, 0.6 * innerHeight / picture.height);
      image.style.width = `${picture.width * room}px`;
    });
    const frame = make("div", { class: "frame" }, stack);
    dialog.replaceChildren(make("p", { class: "note" }, help), frame, make("div", { class: "tools" },
      make("label", {}, "size", size), make("label", {}, "soft edge", soft), erase,
      button("Undo", undo), button("Fill", () => fill(true)), button("Clear", () => fill(false)), button("Invert", invert)),
    make("div", { class: "bar" }, button("Use this mask", async () => close(await finished()), { class: "main" }),
      button("From a file", () => file.click()), button("No mask", () => close(null)), button("Cancel", () => close(undefined)), file));
    dialog.addEventListener("close", () => resolve(answer), { once: true });
    dialog.onkeydown = (event) => { if (event.key === "z" && event.ctrlKey) { event.preventDefault(); undo(); } };
    dialog.showModal();
  });
}
