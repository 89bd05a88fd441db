// A doodle: a painting, a map of its regions, and a drawing of the same colours.
import { attempt, button, make, notice } from "/static/tools.js";
import { paintRegions } from "/static/regions.js";

const WORDS = {
  style_mask: ["Regions of the painting", "Paint over each kind of thing in a colour of its own."],
  target_mask: ["Your drawing", "The same colours, where you want those things."],
};

/**
 * The slots of the two maps.
 * @param chosen what is chosen: content, styles, maps
 * @param tools {pictures, upload, filled, droppable, browse, show}
 */
export function mapSlots(chosen, tools) {
  return Object.entries(WORDS).map(([name, [title, help]]) => {
    const edit = button(chosen.maps[name] ? "Paint on" : "Paint", () => paint(name, chosen, tools), { "aria-label": `Paint ${title.toLowerCase()}` });
    const remove = () => { chosen.maps[name] = null; tools.show(); };
    const slot = make("div", { class: "slot", role: "group", "aria-label": title, "data-map": name });
    if (chosen.maps[name]) {
      slot.classList.add("filled");
      slot.append(...tools.filled(chosen.maps[name], title, name, remove, edit));
    } else {
      slot.append(make("b", {}, title), make("p", {}, help),
        make("div", { class: "bar" }, edit, button("Choose", () => tools.browse(name), { "aria-label": `Choose ${title.toLowerCase()}` })));
    }
    tools.droppable(slot, name);
    return slot;
  });
}

/** How many colours to take together, of maps that were not painted here. */
export function coloursField(chosen) {
  const box = make("input", { type: "number", min: 2, max: 32, step: 1, placeholder: "each", value: chosen.maps.nlabels ?? "",
    change: () => { chosen.maps.nlabels = box.value === "" ? null : Number(box.value); } });
  return make("label", { class: "wide", title: "Near colours of maps from elsewhere are taken together until so many are left." },
    "colours in the maps", box);
}

async function paint(name, chosen, tools) {
  const painting = chosen.styles[0]?.picture;
  if (!painting) { notice("Choose the painting first."); return; }
  const over = name === "style_mask" ? painting : chosen.content;
  const shape = tools.pictures.get(over ?? painting);
  const other = chosen.maps[name === "style_mask" ? "target_mask" : "style_mask"];
  const map = await attempt(() => paintRegions(shape, over, chosen.maps[name], other ? [other] : [], `${WORDS[name][0]}: ${WORDS[name][1]}`));
  if (!map) return;
  const made = await attempt(() => tools.upload(map, "map.png"));
  if (made) chosen.maps[name] = made.id;
  tools.show();
}
