// Two pictures over each other: a slider between them, zoom to pixels.
import { button, byId, make } from "/static/tools.js";
import { nameOf } from "/static/chosen.js";

const results = () => document.querySelectorAll("#results .open img");

export function view(job) {
  const dialog = byId("viewer");
  const after = `/api/jobs/${job.id}/image?${job.evaluations}`;
  const pictures = [job.content, ...job.styles.map((style) => style.picture), job.maps.target_mask].filter(Boolean);
  const others = [...pictures.map((id) => [nameOf(id), `/api/pictures/${id}`]),
    ...[...results()].filter((image) => image.getAttribute("src") !== after).map((image) => [image.alt, image.src])];
  const below = make("img", { src: after, alt: "The result" });
  const above = make("img", { class: "top", src: others[0][1], alt: `For comparison: ${others[0][0]}` });
  const stack = make("div", { class: "stack" }, below, above);
  const slider = make("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": "How much of the other picture is shown",
    input: () => { above.style.clipPath = `inset(0 ${100 - slider.value}% 0 0)`; } });
  const zoom = make("select", { change: () => size() }, ...["fit", "100%", "200%", "400%"].map((text) => make("option", {}, text)));
  const frame = make("div", { class: "frame", tabindex: 0, "aria-label": "Pictures" }, stack);
  const size = () => {
    const factor = zoom.selectedIndex === 0
      ? Math.min(frame.clientWidth / below.naturalWidth, (0.64 * innerHeight) / below.naturalHeight)
      : [1, 2, 4][zoom.selectedIndex - 1] / devicePixelRatio;
    below.style.width = `${below.naturalWidth * factor}px`;
    stack.classList.toggle("large", zoom.selectedIndex > 0 && factor > 1);
  };
  const other = make("select", { change: () => { above.src = others[other.selectedIndex][1]; } },
    ...others.map(([name]) => make("option", {}, name)));
  below.addEventListener("load", size);
  dialog.replaceChildren(frame, make("div", { class: "tools" },
    make("label", {}, "compare with", other), make("label", {}, "zoom", zoom),
    button("Close", () => dialog.close())), slider);
  slider.dispatchEvent(new Event("input"));
  dialog.showModal();
  slider.focus();
}
