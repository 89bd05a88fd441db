// The running job: its picture, its figures and curves, its weights, stop.
import { ask, attempt, button, byId, duration, figure, make } from "/static/tools.js";
import { jobName, jobPicture } from "/static/chosen.js";
import { curve } from "/static/curve.js";

let job = null; // the running job's record
let skip = null; // its button, shown where another job waits
let parts = null; // elements that are kept while it runs
let points = [];
let drawn = 0;

export const running = () => job;

export function stop() {
  if (job) attempt(() => ask(`/api/jobs/${job.id}/stop`, {}));
}

/** The state has come: which job runs, and with which weights. */
export async function follow(record, waiting) {
  const another = record?.id !== job?.id;
  job = record ?? null;
  if (!job) {
    parts = null;
    byId("first").classList.remove("small");
    byId("now").replaceChildren(make("p", { class: "empty" }, "Nothing is being painted."));
    return;
  }
  if (another) build();
  skip.hidden = !waiting;
}

async function build() {
  const image = make("img", { alt: "The picture as it is now" });
  image.src = `/api/pictures/${jobPicture(job)}`;
  byId("first").classList.add("small");
  skip = button("Skip", () => attempt(() => ask(`/api/jobs/${job.id}/skip`, {})), { title: "goes on after those that wait", hidden: true });
  parts = {
    id: job.id, image, frame: 0,
    bar: make("progress", { max: 1, value: 0, "aria-label": "Share of the work done" }),
    figures: make("p", { class: "figures", "aria-live": "off" }, "starting"),
    curve: make("div"),
  };
  byId("now").replaceChildren(make("div", { class: "live" },
    make("figure", {}, image, parts.bar, parts.figures,
      make("div", { class: "bar" }, button("Stop", stop, { title: "Esc" }), skip)),
    make("div", {}, make("p", { class: "note" }, jobName(job)), parts.curve, job.kind === "paint" ? "" : weights(job))));
  points = [];
  const told = await attempt(() => ask(`/api/jobs/${parts.id}`));
  if (told) points = told.curve;
}

/** Weights to be changed while it runs. */
function weights(record) {
  const boxes = {};
  const box = (name, label, value) => {
    boxes[name] = make("input", { type: "number", min: 0, step: "any", value, id: `now-${name}` });
    return make("div", { class: "field" }, make("label", { for: `now-${name}` }, label), boxes[name]);
  };
  const initial = (name) => record.settings[name] ?? document.getElementById(`option-${name}`)?.placeholder ?? "";
  const names = ["content_weight", "total_variation_weight"].slice(record.content ? 0 : 1); // a doodle needs no content
  const rows = names.map((name) => box(name, name.replaceAll("_", " "), initial(name)));
  record.styles.forEach((style, number) => rows.push(
    box(`style ${number}`, record.styles.length > 1 ? `style ${number + 1} weight` : "style weight", style.weight)));
  const change = () => attempt(async () => {
    const style = record.styles.map((_, number) => Number(boxes[`style ${number}`].value));
    const weights = Object.fromEntries(names.map((name) => [name, Number(boxes[name].value)]));
    await ask(`/api/jobs/${record.id}/weights`, { ...weights, style_weights: style });
  });
  return make("details", { open: true }, make("summary", {}, "Weights, while it runs"), ...rows,
    make("div", { class: "bar" }, button("Change now", change)));
}

/** A moment of the run has come. */
export function tell(shown) {
  if (!parts || shown.job !== parts.id) return;
  if (shown.frame !== parts.frame) {
    parts.frame = shown.frame;
    parts.image.src = `/api/jobs/${parts.id}/image?${shown.frame}`;
  }
  const now = shown.figures;
  if (now.evaluation === undefined) { parts.figures.textContent = shown.words; return; }
  parts.bar.value = now.done;
  parts.figures.textContent = shown.words || [
    `evaluation ${now.evaluation} of ${now.evaluations}`, `iteration ${now.iteration} of ${now.iterations}`,
    `loss ${figure(now.loss)}`, `${duration(now.seconds)}, ${duration(now.left)} left`,
  ].join(" · ");
  if (points.at(-1)?.evaluation !== now.evaluation) points.push({ evaluation: now.evaluation, loss: now.loss, terms: now.terms });
  if (performance.now() - drawn > 250) {
    drawn = performance.now();
    parts.curve.replaceChildren(curve(points, job.changes));
  }
}
