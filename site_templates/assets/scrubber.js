// Goes through all changes of positions one by one: which came when, by what, and what was open then. The changes come
// in scripts, a page of them in each, with what was open at its begin; they are loaded when they are asked for.
"use strict";

(() => {
  const MOST = 64; // positions that are listed
  const box = document.querySelector("[data-scrubber]");
  if (box === null) return;
  const { scrubber: root, count: text, ...places } = box.dataset;
  const count = Number(text);
  const placeOf = (name) => places[name].split(" ");
  const [folder, , width] = placeOf("change");
  const size = Number(width);
  const [range, field] = box.querySelectorAll("input");
  const [back, on] = box.querySelectorAll("button");
  const said = box.querySelector("[role=status]");
  const held = box.querySelector(".held");
  const padded = (number) => String(number).padStart(6, "0");

  // The scripts

  const received = new Map();
  globalThis.replayglassLedger = (number, data) => received.set(number, data);

  function get(number) {
    if (received.has(number)) return Promise.resolve(received.get(number));
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      const end = () => {
        script.remove();
        if (received.has(number)) resolve(received.get(number));
        else reject(new Error("missing"));
      };
      script.addEventListener("load", end);
      script.addEventListener("error", end);
      script.src = `${root}${folder}/${padded(number)}.js`;
      document.head.append(script);
    });
  }

  // What is shown: texts of the log as texts only

  // What would not be seen, or would reorder what stands beside it, is shown by name.
  const hidden = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Zl}\p{Zp}]/gu;
  const named = (sign) => `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  const clean = (text) => String(text).replace(hidden, named);

  function make(tag, ...children) {
    const element = document.createElement(tag);
    element.append(...children);
    return element;
  }

  // Return a link to a row: of a change, an event or a decision.
  function link(name, row) {
    const [home, mark, rows] = placeOf(name);
    const made = make("a", `${name} ${row}`);
    made.href = `${root}${home}/${padded(Math.floor(row / Number(rows)))}.html#${mark}${row}`;
    return made;
  }

  function words([, time, plane, market, before, , after]) {
    return `${clean(market)} on ${plane} was ${before}, is ${after}, at logical time ${time}`;
  }

  // Return what is open after the first changes of a script: positions by the event that set them, counts by plane.
  function openAfter(data, changes) {
    const positions = new Map(data.held.map(([plane, market, seq]) => [seq, [plane, market]]));
    const open = new Map(Object.entries(data.open));
    for (const [seq, , plane, market, , earlier, after, now] of changes) {
      positions.delete(earlier);
      if (after === "open") positions.set(seq, [plane, market]);
      open.set(plane, now);
    }
    return { positions: [...positions], open: [...open].sort() };
  }

  function listed({ positions, open }) {
    return open.flatMap(([plane, now]) => {
      const shown = positions.filter(([, [own]]) => own === plane).slice(0, MOST);
      const items = shown.map(([seq, [, market]]) => make("li", make("bdi", clean(market)), ", by ", link("event", seq)));
      const more = now > shown.length ? [make("p", `${now - shown.length} more are open.`)] : [];
      return [make("h3", `Open on ${plane} then: ${now}`), ...(items.length > 0 ? [make("ul", ...items)] : []), ...more];
    });
  }

  // Choosing

  let chosen = 0;
  async function choose(number, isKept) {
    chosen = Math.min(Math.max(Math.trunc(number) || 0, 0), count - 1);
    const at = chosen;
    range.value = at;
    field.value = at;
    back.disabled = at === 0;
    on.disabled = at === count - 1;
    if (isKept) keep();
    const place = at % size;
    try {
      const data = await get(Math.floor(at / size));
      if (at !== chosen) return;
      const change = data.changes[place];
      const [seq, , , , , , , , decision] = change;
      const text = words(change);
      const shown = listed(openAfter(data, data.changes.slice(0, place + 1)));
      range.setAttribute("aria-valuetext", `${at} of ${count}: ${text}`);
      said.replaceChildren(make("bdi", text), ", by ", link("event", seq), " of ", link("decision", decision), ": ", link("change", at), ".");
      held.replaceChildren(...shown);
    } catch {
      if (at !== chosen) return;
      range.setAttribute("aria-valuetext", `${at} of ${count}`);
      said.textContent = `The file ${folder}/${padded(Math.floor(at / size))}.js of this site is missing or damaged.`;
      held.replaceChildren();
    }
  }

  // The address leads to the change that is shown; some browsers refuse when that is said too often.
  function keep() {
    try {
      history.replaceState(null, "", `#at-${chosen}`);
    } catch {
      // Then it leads to the one before.
    }
  }

  function follow() {
    const asked = /^#at-([0-9]{1,15})$/.exec(location.hash);
    if (asked !== null) {
      choose(Number(asked[1]), false);
      box.parentElement.scrollIntoView();
    }
    return asked !== null;
  }

  range.addEventListener("input", () => choose(range.valueAsNumber, false));
  range.addEventListener("change", keep);
  field.addEventListener("change", () => choose(field.valueAsNumber, true));
  back.addEventListener("click", () => choose(chosen - 1, true));
  on.addEventListener("click", () => choose(chosen + 1, true));
  window.addEventListener("hashchange", follow);
  box.hidden = false;
  if (!follow()) choose(count - 1, false);
})();
