// The page: puts its parts together, and follows the server's events.
import { ask, attempt, byId, notice } from "/static/tools.js";
import * as chosen from "/static/chosen.js";
import * as instant from "/static/instant.js";
import * as settings from "/static/settings.js";
import * as now from "/static/now.js";
import * as jobs from "/static/jobs.js";

let sent = Promise.resolve(); // one after the other: jobs wait in the order they were asked for

function paint() {
  const job = { ...chosen.job(), settings: settings.settings() };
  sent = sent.then(() => send(job));
}

async function send(job) {
  await attempt(async () => {
    await ask("/api/jobs", job);
    if (now.running()) notice("It waits until the one before it is done.");
    if (matchMedia("(max-width: 52rem)").matches) byId("now-title").scrollIntoView({ behavior: "smooth" });
  });
}

function listen() {
  const events = new EventSource("/api/events");
  events.addEventListener("state", (event) => {
    const state = JSON.parse(event.data);
    chosen.know(state.pictures);
    now.follow(state.jobs.find((job) => job.state === "running"), state.jobs.some((job) => job.state === "waiting"));
    jobs.show(state.jobs);
  });
  events.addEventListener("live", (event) => now.tell(JSON.parse(event.data)));
  events.addEventListener("error", () => notice("The program does not answer; the page tries again."));
  events.addEventListener("open", () => { byId("notice").hidden = true; });
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); paint(); }
  if (event.key === "Escape") now.stop();
});

const state = await ask("/api/state");
const options = await ask("/api/options");
settings.begin(options, paint);
chosen.begin({ restore: settings.restore, pictures: settings.refill, changed: instant.follow,
  mode: (doodle) => settings.usePreset(doodle ? "Doodle" : "Quick") });
chosen.know(state.pictures);
instant.begin(options.learnt, options.any_style);
byId("shelf-box").open = !state.pictures.some((picture) => picture.kind === "upload");
listen();
