// The pictures of the next job: one content, some styles; dropped, pasted, chosen or at hand.
import { ask, attempt, button, byId, make, notice } from "/static/tools.js";
import { paintMask } from "/static/brush.js";

export const pictures = new Map(); // by id
const chosen = { content: null, styles: [] }; // styles: {picture, weight, mask, image_mask}
let onRestore = () => {};
let onPictures = () => {};
let target = null; // of the file chooser

export const thumbnail = (id) => `/api/pictures/${id}?small`;
export const nameOf = (id) => pictures.get(id)?.name ?? "a picture that is gone";
export const content = () => chosen.content;

export function job() {
  return { content: chosen.content, styles: chosen.styles.map((style) => ({ ...style })) };
}

export function choose(made) {
  chosen.content = made.content ?? chosen.content;
  const styles = made.styles.filter((style) => style.picture);
  if (styles.length) chosen.styles = styles.map((style) => ({ ...style }));
  show();
}

export function know(list) {
  const before = pictures.size;
  pictures.clear();
  for (const picture of list) pictures.set(picture.id, picture);
  if (pictures.size !== before) { showShelf(); onPictures(); }
}

export async function upload(blob, name) {
  const picture = await ask(`/api/pictures?name=${encodeURIComponent(name)}`, blob);
  pictures.set(picture.id, picture);
  showShelf();
  onPictures();
  return picture;
}

/** Take files: where is "content", "style", the number of a style, or null for whatever is missing. */
async function take(files, where) {
  for (const file of files) {
    const picture = await attempt(() => upload(file, file.name || "pasted.png"));
    if (!picture) continue;
    if (picture.made && where === null) {
      choose(picture.made);
      onRestore(picture.made.settings);
      notice(`${picture.name} tells how it was made: its settings are restored.`,
        button("Use it as a picture", () => { place(picture.id, null); }));
    } else place(picture.id, where);
  }
}

function place(id, where) {
  if (where === "content" || (where === null && !chosen.content)) chosen.content = id;
  else if (typeof where === "number") chosen.styles[where].picture = id;
  else chosen.styles.push({ picture: id, weight: 1, mask: null, image_mask: null });
  show();
}

function browse(where) {
  target = where;
  byId("file").value = "";
  byId("file").click();
}

function droppable(element, where) {
  element.addEventListener("dragover", (event) => { event.preventDefault(); element.classList.add("over"); });
  element.addEventListener("dragleave", () => element.classList.remove("over"));
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    element.classList.remove("over");
    document.body.classList.remove("over");
    take(event.dataTransfer.files, where);
  });
}

function filled(id, title, where, remove, ...more) {
  const picture = pictures.get(id);
  const size = picture ? ` ${picture.height} x ${picture.width}` : "";
  return [
    make("b", {}, title),
    make("img", { src: thumbnail(id), alt: `${title}: ${nameOf(id)}` }),
    make("span", { class: "name", title: nameOf(id) }, nameOf(id) + size),
    ...more,
    make("div", { class: "bar" },
      button("Replace", () => browse(where), { "aria-label": `Replace ${title.toLowerCase()}` }),
      button("Remove", remove, { "aria-label": `Remove ${title.toLowerCase()}` })),
  ];
}

function show() {
  const box = byId("content");
  box.classList.toggle("filled", chosen.content !== null);
  if (chosen.content) {
    box.replaceChildren(...filled(chosen.content, "Photo", "content", () => { chosen.content = null; show(); }));
  } else {
    box.replaceChildren(make("b", {}, "Photo"), make("p", {}, "Drop or paste the picture to paint."),
      make("div", { class: "bar" }, button("Choose a photo", () => browse("content"))));
  }
  const all = chosen.styles.map(styleSlot);
  const more = make("div", { class: "slot" }, make("b", {}, all.length ? "Another style" : "Style"),
    make("p", {}, "Drop the painting to paint like."),
    make("div", { class: "bar" }, button("Choose a style", () => browse("style"))));
  droppable(more, "style");
  byId("styles").replaceChildren(...all, more);
}

function styleSlot(style, number) {
  const title = chosen.styles.length > 1 ? `Style ${number + 1}` : "Style";
  const weight = make("input", { type: "number", min: 0, step: "any", value: style.weight,
    change: (event) => { style.weight = Number(event.target.value); } });
  const masks = make("div", { class: "bar" },
    maskButton(style, "image_mask", "Where it goes", () => chosen.content),
    maskButton(style, "mask", "Which part", () => style.picture));
  const remove = () => { chosen.styles.splice(number, 1); show(); };
  const slot = make("div", { class: "slot filled", role: "group", "aria-label": title },
    ...filled(style.picture, title, number, remove, make("label", {}, "weight", weight), masks));
  droppable(slot, number);
  return slot;
}

/** Opens the brush over a picture; what is painted there becomes the style's mask. */
function maskButton(style, kind, text, over) {
  return button(style[kind] ? `${text} ✓` : text, async () => {
    const id = over();
    if (!id) { notice("Choose the photo first: the mask is painted over it."); return; }
    const mask = await paintMask(id, pictures.get(id), style[kind], `${text}: paint what is to count`);
    if (mask === undefined) return;
    style[kind] = mask && (await attempt(() => upload(mask, "mask.png")))?.id || null;
    show();
  }, { title: kind === "mask" ? "the part of the painting that is looked at" : "the part of the photo that gets this style" });
}

function showShelf() {
  const items = [...pictures.values()].filter((picture) => picture.name !== "mask.png").map((picture) =>
    make("li", {}, make("img", { src: thumbnail(picture.id), alt: picture.name, loading: "lazy", title: picture.name }),
      make("div", { class: "bar" },
        button("photo", () => place(picture.id, "content"), { "aria-label": `${picture.name} as the photo` }),
        button("style", () => place(picture.id, "style"), { "aria-label": `${picture.name} as a style` }),
        picture.kind === "upload" ? button("✕", () => attempt(async () => {
          await ask(`/api/pictures/${picture.id}/remove`, {});
          pictures.delete(picture.id);
          showShelf();
          onPictures();
        }), { "aria-label": `Forget ${picture.name}` }) : null)));
  byId("shelf").replaceChildren(...items);
}

export function begin(restore, changed) {
  onRestore = restore;
  onPictures = changed;
  droppable(byId("content"), "content");
  byId("file").addEventListener("change", (event) => take(event.target.files, target));
  document.addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("over"); });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("over");
    take(event.dataTransfer.files, null);
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) take(event.clipboardData.files, null);
  });
  show();
}
