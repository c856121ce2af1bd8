// The search box: finds ids and names by how they begin, numbers and logical times, in the index that the site has in
// `lookup/`. Loads files of that folder only, when something is looked up.
"use strict";

(() => {
  const MOST = 50; // candidates that are listed
  const MOST_LEAVES = 160; // files that one query loads
  const SHORTEST = 4; // characters of an id
  const DIGITS = 32; // of an id
  const LONGEST = 48; // characters of a name that are indexed
  const box = document.querySelector("[data-search]");
  if (box === null) return;
  const root = box.dataset.search;

  // The index

  const received = new Map();
  const loading = new Map();
  const padded = (number) => String(number).padStart(6, "0");
  globalThis.replayglassLookup = Object.freeze({
    index: (data) => received.set("index", data),
    leaves: (number, data) => received.set(`leaves/${padded(number)}`, data),
    times: (number, data) => received.set(`times/${padded(number)}`, data),
    terms: (name, data) => received.set(name, data),
  });
  const policy = globalThis.trustedTypes?.createPolicy("replayglass-lookup", {
    createScriptURL: (path) => {
      if (!/^(\.\.\/)*lookup\/[a-z0-9/-]+\.js$/.test(path)) throw new TypeError("No file of the look-up.");
      return path;
    },
  });

  // Return what a script of the index says; the script goes when it was read.
  function get(name) {
    if (!loading.has(name)) {
      loading.set(
        name,
        new Promise((resolve, reject) => {
          const script = document.createElement("script");
          const path = `${root}lookup/${name}.js`;
          const end = () => {
            script.remove();
            if (received.has(name)) resolve(received.get(name));
            else reject(new Error(`The file lookup/${name}.js of this site is missing or damaged.`));
          };
          script.addEventListener("load", end);
          script.addEventListener("error", end);
          script.src = policy ? policy.createScriptURL(path) : path;
          document.head.append(script);
        }),
      );
    }
    return loading.get(name);
  }

  // Queries

  const lower = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const dashed = (hex) =>
    [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
      .filter((part) => part !== "")
      .join("-");

  // Return what a text is looked up as: digits of an id ("" if it cannot be one), and begins of names.
  function read(text) {
    const key = lower([...text].slice(0, LONGEST).join(""));
    const bare = key.replaceAll("-", "");
    const hex = /^[0-9a-f]{1,32}$/.test(bare) ? bare : "";
    return { hex: hex.length < SHORTEST ? "" : hex, keys: [...new Set(hex === "" ? [key] : [key, dashed(hex)])] };
  }

  // Return the numbers of the leaves that can hold terms that begin with `begin`; separators may be cut.
  function numbersOf(separators, begin) {
    const isBefore = (text) => text <= begin || text.startsWith(begin);
    const isBehind = (text) => text > begin || begin.startsWith(text);
    const last = separators.length - 1;
    return separators.flatMap((text, i) =>
      (i === 0 || isBefore(text)) && (i === last || isBehind(separators[i + 1])) ? [i] : [],
    );
  }

  // Return the files that can hold a query's terms: of each full segment, and of the parts of the open one.
  async function leavesFor(index, query) {
    const catalogs = await Promise.all(index.leaves.map((_, i) => get(`leaves/${padded(i)}`)));
    const full = catalogs.flat().flatMap(([ids, names], i) => [[i, "", ids], [i, "names-", names]]);
    const open = index.open.map(([name, separators]) => [index.segments, name, separators]);
    return [...full, ...open].flatMap(([segment, name, separators]) => {
      const begins = name === "names-" ? query.keys : query.hex === "" ? [] : [query.hex];
      const numbers = new Set(begins.flatMap((begin) => numbersOf(separators, begin)));
      return [...numbers].map((i) => `${padded(segment)}/${name}${String(i).padStart(4, "0")}`);
    });
  }

  // Return the terms of a leaf that fit: its ids are in order, so the first is found by halving.
  function termsIn(leaf, query) {
    const kindOf = (i) => leaf.kinds.charCodeAt(i);
    if (leaf.names !== undefined) {
      return leaf.names.flatMap((text, i) =>
        query.keys.some((key) => lower(text).startsWith(key)) ? [{ kind: kindOf(i) - 97, text, row: leaf.rows[i] }] : [],
      );
    }
    const at = (i) => leaf.ids.slice(i * DIGITS, (i + 1) * DIGITS);
    let low = 0;
    for (let high = leaf.rows.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (at(middle) < query.hex) low = middle + 1;
      else high = middle;
    }
    const found = [];
    for (let i = low; i < leaf.rows.length && found.length <= MOST && at(i).startsWith(query.hex); i += 1) {
      const isBare = kindOf(i) < 97;
      found.push({ kind: kindOf(i) - (isBare ? 65 : 97), text: isBare ? at(i) : dashed(at(i)), row: leaf.rows[i] });
    }
    return found;
  }

  // The place of a row: on a page of its collection, with or without an anchor, or in a folder of its own (size 0).
  function hrefOf([, folder, mark, size], row) {
    if (size === 0) return `${folder}/${padded(row)}/index.html`;
    const page = `${folder}/${padded(Math.floor(row / size))}.html`;
    return mark === "" ? page : `${page}#${mark}${row}`;
  }

  // Return the page on which a logical time begins, or would: the last one that begins before it.
  async function timeOf(index, time) {
    const [words, folder, , size] = index.kinds[0];
    if (index.times.length === 0 || !Number.isSafeInteger(time)) return [];
    const later = index.times.findIndex((first) => first >= time);
    const chunk = Math.max(0, (later < 0 ? index.times.length : later) - 1);
    let first = 0;
    const firsts = (await get(`times/${padded(chunk)}`)).map((step) => (first += step));
    const behind = firsts.findIndex((begin) => begin >= time);
    const page = chunk * index.pages + Math.max(0, (behind < 0 ? firsts.length : behind) - 1);
    const place = `${words} ${page * size} or later`;
    return [{ what: index.time, text: String(time), place, href: `${folder}/${padded(page)}.html#time${time}` }];
  }

  async function numbered(index, text) {
    if (!/^[0-9]{1,16}$/.test(text)) return [];
    const number = Number(text);
    const rows = Object.entries(index.counts).flatMap(([words, count]) => {
      const kind = index.kinds.find(([own]) => own === words);
      return number < count ? [{ what: words, text, place: `number ${text}`, href: hrefOf(kind, number) }] : [];
    });
    return [...rows, ...(await timeOf(index, number))];
  }

  // Return the candidates for a text: numbers, then terms in order, each once.
  async function candidates(text) {
    const index = await get("index");
    const query = read(text);
    const found = await numbered(index, text);
    const names = await leavesFor(index, query);
    const leaves = await Promise.all(names.slice(0, MOST_LEAVES).map(get));
    const firsts = new Map();
    for (const term of leaves.flatMap((leaf) => termsIn(leaf, query))) {
      const key = `${term.kind} ${term.text}`;
      if (!firsts.has(key) || firsts.get(key).row > term.row) firsts.set(key, term);
    }
    const terms = [...firsts.values()].sort((one, other) =>
      one.text === other.text ? one.kind - other.kind : one.text < other.text ? -1 : 1,
    );
    for (const term of terms) {
      const kind = index.kinds[term.kind];
      const [rowWords] = index.kinds.find(([, folder]) => folder === kind[1]);
      found.push({ what: kind[0], text: term.text, place: `${rowWords} ${term.row}`, href: hrefOf(kind, term.row) });
    }
    return { found, isCut: found.length > MOST || names.length > MOST_LEAVES };
  }

  // What is shown

  const form = box.form;
  const list = document.createElement("ul");
  const status = document.createElement("p");
  list.id = "lookup-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Places");
  status.setAttribute("role", "status");
  const panel = document.createElement("div");
  panel.className = "panel";
  panel.hidden = true;
  panel.append(status, list);
  form.append(panel);
  for (const [name, value] of [["role", "combobox"], ["aria-controls", list.id], ["aria-autocomplete", "list"], ["aria-expanded", "false"]]) {
    box.setAttribute(name, value);
  }

  let shown = [];
  let active = -1;
  let asked = ""; // the text that the list is about, or will be
  let isSettled = true;
  let isAwaited = false; // Enter was pressed while the list was still loading
  let timer = 0;

  // What would not be seen, or would reorder what stands beside it, is shown by name.
  const hidden = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Zl}\p{Zp}]/gu;
  const named = (sign) => `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

  function span(name, text) {
    const made = document.createElement("span");
    made.className = name;
    made.textContent = text.replace(hidden, named);
    return made;
  }

  function open(isOpen) {
    panel.hidden = !isOpen;
    box.setAttribute("aria-expanded", String(isOpen && shown.length > 0));
    if (!isOpen) activate(-1);
  }

  function activate(place) {
    list.children[active]?.removeAttribute("aria-selected");
    active = place;
    const option = list.children[active];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
  }

  function show(found, words) {
    shown = found;
    active = -1;
    status.textContent = words;
    list.replaceChildren(
      ...found.map((one, i) => {
        const option = document.createElement("li");
        option.id = `lookup-${i}`;
        option.setAttribute("role", "option");
        option.append(span("what", one.what), span("text", one.text), span("where", one.place));
        option.addEventListener("mousedown", (event) => event.preventDefault());
        option.addEventListener("click", () => go(one));
        return option;
      }),
    );
    open(true);
  }

  function go(one) {
    open(false);
    location.assign(root + one.href);
  }

  const words = (text, { found, isCut }) => {
    if (isCut) return `The first ${MOST}; more characters find fewer.`;
    if (found.length > 0) return found.length === 1 ? "1 place" : `${found.length} places`;
    if (text.length < SHORTEST) return `At least ${SHORTEST} characters of an id, or a whole number.`;
    return `No id, name or number of this site begins with \u201c${text}\u201d.`;
  };

  async function look() {
    const text = asked;
    try {
      const answer = await candidates(text);
      if (text !== asked) return;
      isSettled = true;
      show(answer.found.slice(0, MOST), words(text, answer));
    } catch (error) {
      if (text !== asked) return;
      isSettled = true;
      show([], error.message);
    }
    if (isAwaited && shown.length === 1) go(shown[0]);
    isAwaited = false;
  }

  // Look up what is in the box, `delay` milliseconds from now.
  function ask(delay) {
    const text = box.value.trim();
    if (text === asked && (text === "" || !panel.hidden)) return;
    clearTimeout(timer);
    asked = text;
    isAwaited = false;
    isSettled = text === "";
    if (text === "") {
      open(false);
      return;
    }
    show([], "Looking\u2026");
    timer = setTimeout(look, delay);
  }

  function enter() {
    ask(0);
    if (active >= 0) go(shown[active]);
    else if (!isSettled) isAwaited = true;
    else if (shown.length === 1) go(shown[0]);
    else if (shown.length > 1) activate(0);
  }

  box.addEventListener("input", () => ask(120));
  box.addEventListener("focus", () => ask(120));
  box.addEventListener("blur", () => open(false));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enter();
  });
  box.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && shown.length > 0) {
      event.preventDefault();
      if (panel.hidden) open(true);
      const from = active < 0 && event.key === "ArrowUp" ? 0 : active;
      activate((from + steps[event.key] + shown.length) % shown.length);
    } else if (event.key === "Escape" && !panel.hidden) {
      event.preventDefault();
      open(false);
    }
  });

  // A place that is only known by its logical time: the first row of it, or the next one behind it.
  function seek() {
    const wanted = /^#time([0-9]{1,16})(next)?$/.exec(location.hash);
    if (wanted === null) return;
    const rows = [...document.querySelectorAll("table.rows > tbody > tr[id]")];
    const row = rows.find((one) => Number.parseInt(one.cells[1]?.textContent ?? "", 10) >= Number(wanted[1]));
    const next = document.querySelector(".pager a[rel=next]");
    if (row === undefined && next !== null && wanted[2] === undefined) {
      location.replace(`${next.getAttribute("href")}#time${wanted[1]}next`);
    } else if (rows.length > 0) {
      location.replace(`#${(row ?? rows[wanted[2] === undefined ? rows.length - 1 : 0]).id}`);
    }
  }
  addEventListener("hashchange", seek);
  seek();

  const given = new URLSearchParams(location.search).get("q");
  if (given && /\/lookup\/index\.html$/.test(location.pathname)) {
    box.value = given;
    box.focus();
  }
})();
