// First pictures at once: the styles that a one-pass network has learnt, and what it makes of the photo.
import { ask, attempt, button, byId, make, notice } from "/static/tools.js";
import { content, firstStyle, lacksStyle, pick, thumbnail } from "/static/chosen.js";
import { set, settings } from "/static/settings.js";

let learnt = [];
let anyStyle = false; // whether there is a first look at styles that were not learnt
let offered = false; // whether the gallery was opened for a photo without a style
let samples = null; // the photo that the gallery shows the styles on
let asked = ""; // the address of the first picture that is shown or on its way

export const titleOf = (name) => learnt.find((style) => style.name === name)?.title ?? name;

const painted = (photo, style) => `/api/pictures/${photo}/painted?style=${encodeURIComponent(style)}`;
export const sample = (photo, style) => `${painted(photo, style)}&small`;

/** What is chosen has changed. */
export function follow() {
  showGallery();
  if (learnt.length && lacksStyle() && !offered) byId("gallery-box").open = offered = true;
  const { learnt: style, picture: painting } = firstStyle() ?? {}, photo = content();
  const box = byId("first");
  if (!photo || !(style || (painting && anyStyle))) { box.hidden = true; asked = ""; return; }
  const address = style ? painted(photo, style) : `/api/pictures/${photo}/painted?like=${painting}`;
  if (`${address} ${painting}` === asked) return;
  asked = `${address} ${painting}`;
  const image = make("img", { alt: `A first picture: the photo like ${style ? titleOf(style) : "the painting"}` });
  image.addEventListener("load", () => { if (asked.startsWith(`${address} `)) showFirst(image, photo, style, painting); });
  image.addEventListener("error", () => { if (asked.startsWith(`${address} `)) { box.hidden = true; asked = ""; } });
  image.src = address;
}

function showFirst(image, photo, style, painting) {
  const keep = button("Keep it", () => attempt(() =>
    ask("/api/jobs", { kind: "paint", content: photo, styles: [{ learnt: style }], settings: settings() })),
  { title: "in the photo's own size, among the results" });
  const start = button("Begin from it", () => {
    set("init_image", `paint:${style}`);
    notice("The next run begins from this picture instead of the photo.");
  }, { title: "sets the option init image" });
  const box = byId("first");
  const more = !style ? "Its colours and small forms alone, by a network that has not seen this painting before. Paint looks longer."
    : `Painted at once, by a network that has learnt ${titleOf(style)}. ${painting ? "Paint looks longer, and at the painting itself."
    : "The painting does not come with the program: Paint does the same in the photo's own size."}`;
  box.replaceChildren(image, make("div", {}, make("p", {}, make("b", {}, "At a first glance")),
    make("p", { class: "note" }, more),
    style ? make("div", { class: "bar" }, keep, painting ? start : "") : ""));
  box.hidden = false;
}

function showGallery() {
  const photo = content();
  if (!learnt.length || samples === photo) return;
  samples = photo;
  byId("gallery").replaceChildren(...learnt.map((style) => {
    const source = photo ? sample(photo, style.name) : style.picture ? thumbnail(style.picture) : null;
    const tile = button("", () => pick(style), { class: "tile", "aria-label": `In the style of ${style.title}`, title: style.title });
    tile.append(source ? make("img", { src: source, alt: "", loading: "lazy" }) : make("span", { class: "blank" }),
      make("span", {}, style.title.split(",")[0]));
    return make("li", {}, tile);
  }));
}

export function begin(styles, any) {
  learnt = styles;
  anyStyle = any;
  byId("gallery-box").hidden = learnt.length === 0;
  samples = undefined;
  follow();
}
