// The pictures of the next job: one content, some styles, a doodle's maps; dropped, pasted, chosen or at hand.
import { ask, attempt, button, byId, make, notice } from "/static/tools.js";
import { paintMask } from "/static/brush.js";
import { coloursField, mapSlots } from "/static/doodle.js";
import { sample, titleOf } from "/static/instant.js";

export const pictures = new Map(); // by id
const NO_MAPS = { style_mask: null, target_mask: null, nlabels: null };
const chosen = { doodle: false, content: null, other: null, styles: [], maps: { ...NO_MAPS } }; // styles: {picture, weight, mask, image_mask, learnt}
let told = {}; // whom to tell: restore(settings), pictures(), changed(), mode(doodle)
let target = null; // of the file chooser

export const thumbnail = (id) => `/api/pictures/${id}?small`;
export const nameOf = (id) => pictures.get(id)?.name ?? "a picture that is gone";
export const content = () => chosen.content;
/** The style that a first picture is of: one that was learnt, or else the first. */
export const firstStyle = () => (chosen.doodle ? null : chosen.styles.find((style) => style.learnt) ?? chosen.styles[0]);

export const lacksStyle = () => !chosen.doodle && chosen.content !== null && chosen.styles.length === 0;

export const styleName = (style) => (style.picture ? nameOf(style.picture) : titleOf(style.learnt).split(",")[0]);

/** What a job is, in words. */
export function jobName(job) {
  const styles = job.styles.map(styleName).join(", ");
  if (job.kind === "doodle") return `Doodle like ${styles}`;
  return `${nameOf(job.content)} like ${styles}${job.kind === "paint" ? ", at once" : ""}`;
}

/** The picture that stands for a job. */
export const jobPicture = (job) => job.content || job.maps.target_mask;

export function job() {
  const styles = chosen.styles.map((style) => ({ ...style }));
  if (chosen.doodle) return { kind: "doodle", content: chosen.content, styles: styles.slice(0, 1), maps: { ...chosen.maps } };
  const atOnce = styles.length && styles.every((style) => !style.picture);
  return { kind: atOnce ? "paint" : "transfer", content: chosen.content, styles };
}

export function choose(made) {
  setMode(made.kind === "doodle");
  chosen.content = made.content || (chosen.doodle ? null : chosen.content);
  const styles = made.styles.filter((style) => style.picture || style.learnt);
  if (styles.length) chosen.styles = styles.map((style) => ({ ...newStyle(""), ...style }));
  if (chosen.doodle) chosen.maps = { ...NO_MAPS, ...made.maps };
  show();
}

/** Take a style that was learnt: its painting where there is one. */
export function pick(style) {
  chosen.styles = [{ ...newStyle(style.picture ?? ""), learnt: style.name }];
  show();
}

const newStyle = (picture) => ({ picture, weight: 1, mask: null, image_mask: null, learnt: pictures.get(picture)?.learnt ?? null });

function setMode(doodle) {
  if (chosen.doodle !== doodle) [chosen.content, chosen.other] = [chosen.other, chosen.content]; // each way has its photo
  chosen.doodle = doodle;
  if (doodle) chosen.styles = chosen.styles.filter((style) => style.picture);
  document.body.classList.toggle("doodle", doodle);
  byId("mode-transfer").setAttribute("aria-pressed", !doodle);
  byId("mode-doodle").setAttribute("aria-pressed", doodle);
}

export function know(list) {
  const before = pictures.size;
  pictures.clear();
  for (const picture of list) pictures.set(picture.id, picture);
  if (pictures.size !== before) { showShelf(); told.pictures(); }
}

export async function upload(blob, name) {
  const picture = await ask(`/api/pictures?name=${encodeURIComponent(name)}`, blob);
  pictures.set(picture.id, picture);
  showShelf();
  told.pictures();
  return picture;
}

/** Take files: where is "content", "style", the number of a style, the name of a map, {mask, of: its style}, or null for whatever is missing. */
async function take(files, where) {
  for (const file of files) {
    const picture = await attempt(() => upload(file, file.name || "pasted.png"));
    if (!picture) continue;
    if (picture.made && where === null) {
      choose(picture.made);
      told.restore(picture.made.settings);
      notice(`${picture.name} tells how it was made: its settings are restored.`,
        button("Use it as a picture", () => { place(picture.id, null); }));
    } else place(picture.id, where);
  }
}

function place(id, where) {
  if (where === "content" || (where === null && !chosen.content && !chosen.doodle)) chosen.content = id;
  else if (where?.mask) where.of[where.mask] = id;
  else if (typeof where === "number") Object.assign(chosen.styles[where], { picture: id, learnt: pictures.get(id)?.learnt ?? null });
  else if (where in NO_MAPS) chosen.maps[where] = id;
  else if (chosen.doodle) chosen.styles = [newStyle(id)];
  else chosen.styles.push(newStyle(id));
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
  const name = id ? nameOf(id) + size : titleOf(chosen.styles[where].learnt);
  return [
    make("b", {}, title),
    id ? make("img", { src: thumbnail(id), alt: `${title}: ${nameOf(id)}` })
      : chosen.content ? make("img", { src: sample(chosen.content, chosen.styles[where].learnt), alt: `${title}: ${name}` }) : null,
    make("span", { class: "name", title: name }, name),
    ...more.filter(Boolean),
    make("div", { class: "bar" },
      button("Replace", () => browse(where), { "aria-label": `Replace ${title.toLowerCase()}` }),
      button("Remove", remove, { "aria-label": `Remove ${title.toLowerCase()}` })),
  ].filter(Boolean);
}

function show() {
  const box = byId("content");
  const photo = chosen.doodle ? "Photo, if its layout is to be kept" : "Photo";
  box.classList.toggle("filled", chosen.content !== null);
  if (chosen.content) {
    box.replaceChildren(...filled(chosen.content, photo, "content", () => { chosen.content = null; show(); }));
  } else {
    box.replaceChildren(make("b", {}, photo), make("p", {}, chosen.doodle ? "Not needed." : "Drop or paste the picture to paint."),
      make("div", { class: "bar" }, button("Choose a photo", () => browse("content"))));
  }
  box.classList.toggle("last", chosen.doodle);
  const all = chosen.styles.slice(0, chosen.doodle ? 1 : undefined).map(styleSlot);
  const more = make("div", { class: "slot" }, make("b", {}, all.length ? "Another style" : chosen.doodle ? "Painting" : "Style"),
    make("p", {}, "Drop the painting to paint like."),
    make("div", { class: "bar" }, button("Choose a style", () => browse("style"))));
  droppable(more, "style");
  const tools = { pictures, upload, filled, droppable, browse, show };
  if (!chosen.doodle) byId("styles").replaceChildren(...all, more);
  else byId("styles").replaceChildren(...(all.length ? all : [more]), ...mapSlots(chosen, tools), coloursField(chosen));
  told.changed();
}

function styleSlot(style, number) {
  const title = chosen.doodle ? "Painting" : chosen.styles.length > 1 ? `Style ${number + 1}` : "Style";
  const weight = make("input", { type: "number", min: 0, step: "any", value: style.weight,
    change: (event) => { style.weight = Number(event.target.value); } });
  const masks = chosen.doodle || !style.picture ? null : make("div", { class: "bar" },
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
  const open = button(style[kind] ? `${text} ✓` : text, async () => {
    const id = over();
    if (!id) { notice("Choose the photo first: the mask is painted over it."); return; }
    const mask = await paintMask(id, pictures.get(id), style[kind], `${text}: paint what is to count`);
    if (mask === undefined) return;
    style[kind] = mask && (await attempt(() => upload(mask, "mask.png")))?.id || null;
    show();
  }, { title: `${kind === "mask" ? "the part of the painting that is looked at" : "the part of the photo that gets this style"}; a mask may be dropped here` });
  droppable(open, { mask: kind, of: style });
  return open;
}

function showShelf() {
  const items = [...pictures.values()].filter((picture) => !["mask.png", "map.png"].includes(picture.name)).map((picture) =>
    make("li", {}, make("img", { src: thumbnail(picture.id), alt: picture.name, loading: "lazy", title: picture.name }),
      make("div", { class: "bar" },
        button("photo", () => place(picture.id, "content"), { "aria-label": `${picture.name} as the photo` }),
        button("style", () => place(picture.id, "style"), { "aria-label": `${picture.name} as a style` }),
        picture.kind === "upload" ? button("✕", () => attempt(async () => {
          await ask(`/api/pictures/${picture.id}/remove`, {});
          pictures.delete(picture.id);
          showShelf();
          told.pictures();
        }), { "aria-label": `Forget ${picture.name}` }) : null)));
  byId("shelf").replaceChildren(...items);
}

export function begin(listeners) {
  told = listeners;
  for (const mode of ["transfer", "doodle"]) {
    byId(`mode-${mode}`).addEventListener("click", () => {
      if (chosen.doodle === (mode === "doodle")) return;
      setMode(mode === "doodle");
      told.mode(chosen.doodle);
      show();
    });
  }
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
