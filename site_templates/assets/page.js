// What every page offers where scripts run, all of it optional: the verdict in the banner, a switch of themes, short ids,
// tools of a row, the page as CSV, keys. Loads nothing.
"use strict";

(() => {
  const root = document.documentElement;
  const main = document.getElementById("main");

  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  // The verdict: verdict.js calls this.

  globalThis.replayglass = Object.freeze({
    verdict({ tone, short, text, when }) {
      const slot = document.querySelector("[data-verdict]");
      slot.textContent = short;
      slot.title = text;
      slot.dataset.verdict = `${text} ${when}`;
      slot.classList.add("badge", tone);
    },
  });

  // The theme: "" follows the system.

  function setTheme(theme) {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    try {
      if (theme) localStorage.setItem("replayglass.theme", theme);
      else localStorage.removeItem("replayglass.theme");
    } catch {
      // Some browsers keep nothing for pages of a folder; then the theme holds for this page alone.
    }
    document.dispatchEvent(new Event("themechange"));
  }

  const themes = make("select", { class: "theme", "aria-label": "Theme" });
  for (const [value, words] of [["", "System theme"], ["light", "Light"], ["dark", "Dark"]]) {
    themes.append(make("option", { value }, words));
  }
  themes.value = root.dataset.theme ?? "";
  themes.addEventListener("change", () => setTheme(themes.value));
  document.querySelector("header").append(themes);

  // Ids of rows: the style sheet shows beginning and end; the text stays whole, to be found and copied.

  const ID = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,})$/i;
  for (const code of main.querySelectorAll(".rows code, .story code")) {
    if (ID.test(code.textContent)) {
      code.classList.add("id");
      code.dataset.tail = code.textContent.slice(-6);
    }
  }

  // Rows, and what can be copied of one: one set of tools moves to the row that is looked at.

  const ROWS = "main tbody > tr, main .facts > div, main .story > summary";
  const isFolded = (row) => row.closest("details:not([open]) > :not(summary)") !== null;
  const narrow = matchMedia("(max-width: 64rem)");
  const tools = make("span", { class: "rowtools" });
  let shown = null;
  const status = make("div", { class: "unseen", role: "status" });
  document.body.append(status);

  // Return the text of a record as the log has it, null if the page does not hold it whole or it is no text.
  function recordOf(row) {
    const record = row.querySelector("pre");
    if (record === null || !record.hasChildNodes() || record.querySelector(".x") !== null) return null;
    const named = (text) => String.fromCodePoint(parseInt(text.slice(2), 16)); // a character by its name, U+202E
    const parts = [...record.childNodes].map(({ className, textContent: text }) => (className === "u" ? named(text) : text));
    return parts.join("");
  }

  // The folded part of a story has the anchor and the tools: a head must hold no controls.
  const toldOf = (row) => (row.matches("summary") ? row.nextElementSibling : null);

  function copiesOf(row) {
    const copies = [];
    const anchor = row.id || toldOf(row)?.id;
    if (anchor) copies.push(["link", `${location.href.split("#")[0]}#${anchor}`]);
    const record = recordOf(row);
    if (record !== null) copies.push(["JSON", record]);
    const codes = (toldOf(row)?.parentElement ?? row).querySelectorAll("code");
    const ids = new Set([...codes].map((code) => code.textContent).filter((text) => ID.test(text)));
    for (const id of [...ids].slice(0, 4)) copies.push([`${id.slice(0, 8)}\u2026`, id]);
    return copies;
  }

  async function copy(text, button) {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
      status.textContent = "Copied.";
    } catch {
      // No clipboard for pages of a folder in some browsers: the reader copies out of a field.
      const field = make("input", { value: text, readonly: "", "aria-label": "Press Ctrl+C to copy" });
      tools.replaceChildren(field);
      field.select();
      status.textContent = "Press Ctrl+C to copy.";
    }
  }

  function showTools(row) {
    if (row === shown) return;
    shown = row;
    const copies = row === null ? [] : copiesOf(row);
    tools.replaceChildren("copy");
    for (const [words, text] of copies) {
      const button = make("button", { type: "button", "aria-label": `Copy ${words}` }, words);
      button.addEventListener("click", (event) => {
        event.preventDefault();
        copy(text, button);
      });
      tools.append(button);
    }
    if (copies.length === 0) tools.remove();
    else (toldOf(row) ?? (narrow.matches ? row.firstElementChild : row.lastElementChild)).append(tools);
  }

  // Return the row that an element stands in; that of a story is its head.
  function rowAt(element) {
    if (!(element instanceof Element)) return null;
    return element.closest(ROWS) ?? element.closest(".told")?.previousElementSibling ?? null;
  }
  document.addEventListener("pointerover", (event) => {
    if (tools.contains(document.activeElement)) return;
    showTools(rowAt(event.target) ?? rowAt(document.activeElement) ?? targetRow());
  });
  document.addEventListener("focusin", (event) => showTools(rowAt(event.target)));

  const targetRow = () => rowAt(document.getElementById(location.hash.slice(1)));
  window.addEventListener("hashchange", () => showTools(targetRow()));
  showTools(targetRow());

  // The page as CSV (RFC 4180). A spreadsheet would run a cell that begins like a formula.

  function csvCell(text) {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  function textOf(cell) {
    const record = recordOf(cell);
    if (record !== null) return record;
    const whole = cell.cloneNode(true);
    for (const ours of whole.querySelectorAll(".rowtools, summary")) ours.remove();
    return whole.textContent.replace(/\n$/, ""); // a cell without an end tag takes the line end in
  }

  function csvOf(rows) {
    const width = rows[0].children.length;
    const lines = rows.map((row) => {
      const cells = [...row.children].map((cell) => csvCell(textOf(cell)));
      return cells.concat(Array(width - cells.length).fill("")).join(","); // the last cell may take several columns
    });
    return lines.map((line) => `${line}\r\n`).join("");
  }

  function csvRows() {
    const isStories = main.querySelector(".stories") !== null;
    return [...main.querySelectorAll(isStories ? ".columns, .story > summary" : ".rows tr")];
  }

  const json = main.querySelector("a.json");
  if (json !== null && main.querySelector(".rows, .stories") !== null) {
    const button = make("button", { type: "button", class: "csv" }, "This page as CSV");
    button.addEventListener("click", () => {
      const href = URL.createObjectURL(new Blob([csvOf(csvRows())], { type: "text/csv;charset=utf-8" }));
      make("a", { href, download: main.dataset.path.replaceAll("/", "-").replace(/html$/, "csv") }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60_000);
    });
    json.before(button);
  }

  // Keys

  const PLACES = {
    o: ["overview"],
    e: ["events", "journal"],
    d: ["decisions"],
    l: ["ledger", "recorded"],
    s: ["snapshots"],
    f: ["findings"],
    i: ["integrity"],
  };
  const sections = document.querySelector("nav.sections");
  const links = new Map();
  for (const link of sections.querySelectorAll("a")) {
    const path = link.getAttribute("href").replace(/^(\.\.\/)+/, "");
    links.set(path === "index.html" ? "overview" : path.split("/").at(-2), link);
  }
  function placeOf(key) {
    return (PLACES[key] ?? []).map((name) => links.get(name)).find(Boolean);
  }

  function move(step) {
    const rows = [...document.querySelectorAll(ROWS)].filter((row) => !isFolded(row));
    const at = rows.indexOf(rowAt(document.activeElement) ?? targetRow());
    const row = rows[at < 0 ? 0 : at + step];
    if (row === undefined) return;
    if (!row.matches("summary")) row.tabIndex = -1;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function helpDialog() {
    const search = document.querySelector("[data-search]") === null ? [] : [["/", "Search"]];
    const keys = [...search, ["j, k", "Next and previous row"], ["n, p", "Next and previous page"]];
    const places = Object.keys(PLACES).filter(placeOf).map((key) => [`g ${key}`, placeOf(key).textContent]);
    const rows = [...keys, ...places, ["?", "This help"]].map(([key, words]) =>
      make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, words)),
    );
    const close = make("button", { type: "button" }, "Close");
    const list = make("dl", { class: "facts" }, ...rows);
    const dialog = make("dialog", { class: "keys", "aria-label": "Keys" }, make("h2", {}, "Keys"), list, close);
    close.addEventListener("click", () => dialog.close());
    document.body.append(dialog);
    return dialog;
  }

  let help = null;
  function showHelp() {
    help ??= helpDialog();
    if (!help.open) help.showModal();
  }
  const helpButton = make("button", { type: "button", class: "help" }, "Keyboard shortcuts");
  helpButton.addEventListener("click", showHelp);
  document.querySelector("footer").append(" ", helpButton);

  const ACTIONS = {
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": showHelp,
    j: () => move(1),
    k: () => move(-1),
    n: () => main.querySelector("a[rel=next]")?.click(),
    p: () => main.querySelector("a[rel=prev]")?.click(),
  };

  let going = 0;
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable], dialog");
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
    const place = event.timeStamp < going ? placeOf(event.key) : undefined;
    going = event.key === "g" ? event.timeStamp + 1500 : 0;
    const action = place === undefined ? ACTIONS[event.key] : () => place.click();
    if (action === undefined) return;
    event.preventDefault();
    action();
  });

  // On a narrow screen the sections scroll. To ask for the layout comes last.
  const here = sections.querySelector("[aria-current]");
  if (here !== null) sections.scrollLeft = here.offsetLeft - sections.offsetLeft - 16;
})();
