// What all parts of the page use: elements, requests, times.

export const byId = (id) => document.getElementById(id);

/** An element with attributes (functions are listeners) and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (name === "class") element.className = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const button = (text, click, attributes = {}) =>
  make("button", { type: "button", click, ...attributes }, text);

/** Ask the server; an error has the server's words, and the option they are about. */
export async function ask(path, body) {
  const sent = { method: "POST", headers: { "X-INetwork": "1" } };
  if (body instanceof Blob) sent.body = body;
  else if (body !== undefined) sent.body = JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(path, body === undefined ? {} : sent);
  } catch {
    throw new Error("the program does not answer; is it still running?");
  }
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.error), { option: told.option });
  return told;
}

export function complain(error) {
  const place = byId("error");
  place.textContent = error ? error.message : "";
  place.hidden = !error;
  for (const field of document.querySelectorAll(".field.wrong")) field.classList.remove("wrong");
  const named = error && error.option && document.querySelector(`.field[data-name="${error.option}"]`);
  if (named) {
    named.classList.add("wrong");
    const box = named.closest("details");
    if (box) box.open = true;
  }
}

/** Run what may fail, and say so where it does. */
export async function attempt(action) {
  complain(null);
  try {
    return await action();
  } catch (error) {
    complain(error);
  }
}

let noticeTimer = 0;
export function notice(text, ...more) {
  const place = byId("notice");
  place.replaceChildren(text, ...more);
  place.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { place.hidden = true; }, 15000);
}

export function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

export const figure = (value) => Number(value).toPrecision(4).replace(/e\+?/, "e");
