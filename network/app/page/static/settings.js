// The settings: a field for every option, with the option's own help.
import { attempt, button, byId, make } from "/static/tools.js";
import { content, nameOf, pictures, upload } from "/static/chosen.js";
import { paintMask } from "/static/brush.js";

const fields = new Map(); // by name: {option, read, write, again}
let presets = {};

/** The settings that are not the default. */
export function settings() {
  const values = {};
  for (const [name, field] of fields) {
    const value = field.read();
    if (value !== undefined && value !== field.option.default) values[name] = value;
  }
  return values;
}

export function restore(values) {
  for (const [name, field] of fields) field.write(values[name] ?? field.option.default);
}

export function set(name, value) { fields.get(name).write(value); }

const title = (name) => name.replaceAll("_", " ");
const shown = (value) => (value === null || value === undefined ? "none" : String(value));

function input(option, id) {
  if (option.kind === "bool" && !option.optional) {
    const box = make("input", { type: "checkbox", id });
    return [box, () => box.checked, (value) => { box.checked = value; }];
  }
  if (option.kind === "picture") return pictureInput(option, id);
  const choices = option.kind === "bool" ? [true, false] : option.choices;
  if (choices.length) {
    const texts = [...(option.optional ? [null] : []), ...choices];
    const box = make("select", { id }, ...texts.map((value) => make("option", {}, shown(value))));
    return [box, () => texts[box.selectedIndex], (value) => { box.selectedIndex = Math.max(texts.indexOf(value), 0); }];
  }
  const numeric = option.kind === "int" || option.kind === "float";
  const box = make("input", numeric && !option.words.length
    ? { type: "number", id, step: option.kind === "int" ? 1 : "any", min: option.minimum, max: option.maximum }
    : { type: "text", id, autocomplete: "off" });
  box.placeholder = shown(option.default);
  const read = () => {
    const text = box.value.trim();
    if (text === "") return box.validity.badInput ? NaN : option.default;
    return numeric && !option.words.includes(text) && !Number.isNaN(Number(text)) ? Number(text) : text;
  };
  return [box, read, (value) => { box.value = value === option.default || value === null ? "" : value; }];
}

/** An option that takes a picture: one at hand, or for a mask one painted now. */
function pictureInput(option, id) {
  let values = [];
  const select = make("select", { id });
  const fill = (wanted) => {
    const masks = option.name !== "init_image";
    values = [...(masks ? [null] : []), ...option.choices, ...pictures.keys()];
    select.replaceChildren(...values.map((value) =>
      make("option", {}, pictures.has(value) ? nameOf(value) : shown(value))));
    select.selectedIndex = Math.max(values.indexOf(wanted), 0);
  };
  fill(option.default);
  const read = () => values[select.selectedIndex];
  const again = () => fill(read());
  if (option.name === "init_image") return [select, read, fill, again];
  const brush = button("Paint", async () => {
    const over = content();
    if (!over) { byId("content").scrollIntoView(); return; }
    const mask = await paintMask(over, pictures.get(over), read(), option.help);
    if (mask === undefined) return;
    const made = mask && (await attempt(() => upload(mask, "mask.png")));
    fill(made ? made.id : null);
  }, { "aria-label": `Paint ${title(option.name)}` });
  return [make("div", { class: "with" }, select, brush), read, fill, again];
}

export function refill() {
  for (const field of fields.values()) field.again?.();
}

function field(option) {
  const id = `option-${option.name}`;
  const [box, read, write, again] = input(option, id);
  fields.set(option.name, { option, read, write, again });
  write(option.default);
  const help = make("small", { id: `${id}-help` }, option.help);
  (box.id ? box : box.firstChild).setAttribute("aria-describedby", help.id);
  return make("div", { class: "field", "data-name": option.name },
    make("label", { for: id, title: `--${option.name}` }, title(option.name)), box, help);
}

/** Take the settings of a recipe. */
export function usePreset(name) {
  byId("preset").value = name;
  restore(presets[name] ?? {});
}

export function begin(told, submit) {
  presets = told.presets;
  const usual = told.options.filter((option) => option.usual);
  const groups = new Map();
  for (const option of told.options.filter((each) => !each.usual)) {
    groups.set(option.group, [...(groups.get(option.group) ?? []), option]);
  }
  const pick = make("select", { id: "preset", change: () => restore(presets[pick.value] ?? {}) },
    make("option", { value: "" }, "defaults"), ...Object.keys(presets).map((name) => make("option", {}, name)));
  const all = make("details", {}, make("summary", {}, "Every option"));
  for (const [name, options] of groups) all.append(make("h3", {}, name), ...options.map(field));
  const form = byId("settings");
  form.noValidate = true; // the options' own messages are the server's
  form.append(make("div", { class: "field" }, make("label", { for: "preset" }, "recipe"), pick),
    ...usual.map(field), all);
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  byId("reset").addEventListener("click", () => { pick.value = ""; restore({}); });
  usePreset("Quick");
}
