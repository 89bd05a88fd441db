// What waits, and what has come of the rest, newest first.
import { ask, attempt, button, byId, duration, make, notice } from "/static/tools.js";
import { choose, jobName, jobPicture, thumbnail } from "/static/chosen.js";
import { restore } from "/static/settings.js";
import { view } from "/static/viewer.js";

const FORMATS = ["png", "jpeg", "webp", "tiff"];
let drawn = ""; // the rows of what waits, by what they show
const cards = new Map(); // of ended jobs, by what they show

const act = (job, action, values = {}) => attempt(() => ask(`/api/jobs/${job.id}/${action}`, values));

export function show(jobs) {
  const waiting = jobs.filter((job) => job.state === "waiting");
  byId("queue-box").hidden = waiting.length === 0;
  const key = JSON.stringify(waiting.map((job) => [job.id, jobName(job), jobPicture(job)]));
  if (key !== drawn) { // a row that is drawn anew takes no click
    drawn = key;
    byId("queue").replaceChildren(...waiting.map((job, place) => row(job, place, waiting.length)));
  }
  const ended = jobs.filter((job) => !["waiting", "running"].includes(job.state));
  const fresh = ended.map((job) => {
    const key = JSON.stringify([job.id, job.state, job.result, job.evaluations]);
    if (!cards.has(key)) cards.set(key, card(job, ended));
    return [key, cards.get(key)];
  });
  const keys = new Set(fresh.map(([key]) => key));
  for (const key of cards.keys()) if (!keys.has(key)) cards.delete(key);
  const list = byId("results");
  if (!fresh.length) list.replaceChildren(make("li", { class: "empty" }, "Finished pictures come here."));
  else if (fresh.some(([, element], place) => list.children[place] !== element) || list.children.length !== fresh.length) {
    list.replaceChildren(...fresh.map(([, element]) => element));
  }
}

function row(job, place, number) {
  return make("li", {}, make("img", { src: thumbnail(jobPicture(job)), alt: "" }),
    make("span", { class: "grow" }, jobName(job)),
    button("↑", () => act(job, "move", { place: place - 1 }), { disabled: place === 0, "aria-label": "Sooner" }),
    button("↓", () => act(job, "move", { place: place + 1 }), { disabled: place === number - 1, "aria-label": "Later" }),
    button("Remove", () => act(job, "remove")));
}

function card(job) {
  const title = jobName(job);
  const time = job.evaluations ? `${job.evaluations} evaluations, ${duration(job.seconds)}` : "";
  const words = job.state === "failed" ? "failed" : job.state === "stopped" ? "stopped" : "";
  const notes = [...job.notes].map((note) => make("p", { class: "note" }, note));
  const parts = [
    job.result ? make("button", { type: "button", class: "open", "aria-label": `Look at ${title}`, click: () => view(job) },
      make("img", { src: `/api/jobs/${job.id}/image?${job.evaluations}`, alt: title, loading: "lazy" })) : null,
    make("p", {}, title),
    make("p", { class: job.state === "failed" ? "bad" : "note" }, [words, job.message, time].filter(Boolean).join(": ")),
    notes.length ? make("details", {}, make("summary", {}, "Notes"), ...notes) : null,
    job.result ? downloads(job) : null,
    make("div", { class: "bar" },
      button("Same again with …", () => {
        choose(job);
        restore(job.settings);
        byId("settings-title").scrollIntoView({ behavior: "smooth" });
        notice("Its pictures and settings are in the form: change something and paint.");
      }),
      job.result && job.kind !== "paint" && job.state !== "failed" ? button("Go on", () => goOn(job), { title: "for as many iterations again" }) : null,
      button("Command", (event) => command(job, event.target)),
      button("Remove", () => act(job, "remove"))),
  ];
  return make("li", {}, ...parts.filter(Boolean));
}

function goOn(job) {
  const asked = job.settings.num_iter ?? Number(document.getElementById("option-num_iter").placeholder);
  const left = job.state === "stopped" && job.evaluations < 20 * asked;
  act(job, "go_on", { num_iter: left ? asked : 2 * asked });
}

function downloads(job) {
  const kind = make("select", { "aria-label": "Format", change: () => { link.href = address(); } },
    ...FORMATS.map((name) => make("option", {}, name)));
  const address = () => `/api/jobs/${job.id}/result?format=${kind.value}`;
  const link = make("a", { class: "button", href: `/api/jobs/${job.id}/result?format=png`, download: "" }, "Download");
  return make("div", { class: "bar" }, kind, link);
}

async function command(job, pressed) {
  const told = await attempt(() => ask(`/api/jobs/${job.id}`));
  if (!told) return;
  const shown = pressed.closest("li").querySelector("code.command");
  if (shown) { shown.remove(); return; }
  pressed.closest("li").append(make("code", { class: "command", tabindex: 0 }, told.command));
  try {
    await navigator.clipboard.writeText(told.command);
    notice("The command is copied.");
  } catch { /* not allowed: it is shown, to be copied by hand */ }
}
