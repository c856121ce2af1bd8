// Lets a reader check the records of a page against the log's checkpoint, in the browser. Loads only files of the site,
// and only when asked to.
"use strict";

(() => {
  const { Stop, differs, impossible, encoder, hex, join, unbase64, sha256, fold, readRecords } = leaves;
  const WIDTH = 256; // records of a full page, and pages of a full group

  // The log

  const received = new Map();
  globalThis.replayglass = Object.freeze({
    ...globalThis.replayglass,
    log: (stream, data) => received.set(stream, data),
    group: (stream, number, hashes) => received.set(`${stream} ${number}`, hashes),
  });

  // Load the scripts that the page names in a template: their addresses come from the page, never from a text.
  async function load(template, stream, group) {
    received.clear();
    const scripts = [...template.content.cloneNode(true).children];
    const ends = scripts.map(
      (script) =>
        new Promise((resolve) => {
          script.addEventListener("load", resolve);
          script.addEventListener("error", resolve);
        }),
    );
    template.after(...scripts);
    await Promise.all(ends);
    for (const script of scripts) script.remove();
    const names = [stream, `${stream} ${group}`];
    for (const [i, name] of names.entries()) {
      if (!received.has(name)) {
        const file = scripts[i].getAttribute("src").replace(/^(\.\.\/)+/, "");
        throw impossible(`The file ${file} of this site is missing or damaged, or the browser did not load it.`);
      }
    }
    return names.map((name) => received.get(name));
  }

  const areHashes = (list, length) =>
    Array.isArray(list) && list.length === length && list.every((hash) => /^[0-9a-f]{64}$/.test(hash));

  function isWhole(log) {
    const size = log?.size;
    return (
      Number.isSafeInteger(size) &&
      size >= 0 &&
      typeof log.checkpoint === "string" &&
      areHashes(log.level2, Math.floor(size / WIDTH / WIDTH)) &&
      areHashes(log.edge1, Math.floor(size / WIDTH) % WIDTH) &&
      areHashes(log.edge0, size % WIDTH)
    );
  }

  // Prove that the right edge gives the root of the checkpoint's text; return the text that a signature covers.
  async function proveRoot(log) {
    const end = log.signed ? log.checkpoint.lastIndexOf("\n\n") + 1 : log.checkpoint.length;
    const body = log.checkpoint.slice(0, end);
    const [origin, size, root] = body.split("\n");
    const bytes = unbase64(root ?? "");
    if (bytes === null || origin !== log.origin || size !== String(log.size) || hex(bytes) !== log.root) {
      throw differs("The log's checkpoint says another origin, size or root than the file beside it.");
    }
    const edge = await fold([...log.edge1, ...(await fold(log.edge0))]);
    const [made] = log.size ? await fold([...log.level2, ...edge]) : [hex(await sha256(new Uint8Array()))];
    if (made !== log.root) throw differs("The hashes of the log's pages do not give the root of its checkpoint.");
    return { body, root };
  }

  // Return the hash of a full page, proven to be part of the tree; undefined for a page that is not full.
  async function pageHash(log, hashes, page) {
    const group = Math.floor(page / WIDTH);
    if (group >= log.level2.length) return group === log.level2.length ? log.edge1[page % WIDTH] : undefined;
    const [made] = areHashes(hashes, WIDTH) ? await fold(hashes) : [];
    if (made !== log.level2[group]) throw differs("The hashes of this group of pages are not those of the log.");
    return hashes[page % WIDTH];
  }

  async function proveRecords(log, hashes, page, records) {
    const first = page * WIDTH;
    const count = Math.max(0, Math.min(WIDTH, log.size - first));
    if (records.length !== count) {
      throw differs(
        `The page shows ${records.length} records; the checkpoint of size ${log.size} has ${count} in its place. ` +
          "If the site was published anew since you opened the page, load it again.",
      );
    }
    const unknown = records.find((record) => record.leaf === null);
    const expected = await pageHash(log, hashes, page);
    if (expected === undefined) {
      const wrong = records.findIndex((record, i) => record.leaf !== null && record.leaf !== log.edge0[i]);
      if (wrong >= 0) throw differs(`Record ${first + wrong} is not the one that the log has there.`);
    } else if (unknown === undefined) {
      const [made] = await fold(records.map((record) => record.leaf));
      if (made !== expected) {
        throw differs(
          `Records ${first} to ${first + count - 1} do not give the hash that the log has for them: at least one was ` +
            "changed. Which one cannot be told from this page; the command replayglass verify tells it.",
        );
      }
    } else {
      throw impossible(`Record ${unknown.number} is not on this page, so the page's hash could not be recomputed.`);
    }
  }

  // Return what the signature is worth, in words; throw if it is wrong.
  async function proveSignature(log, body) {
    if (!log.signed) return { isChecked: true, words: "The checkpoint is not signed." };
    const [name, id, key] = (log.key ?? "").split("+").map((part, i, all) => (i < 2 ? part : all.slice(2).join("+")));
    const bytes = unbase64(key ?? "");
    if (!bytes || bytes.length !== 33 || bytes[0] !== 1) {
      return { isChecked: false, words: "The checkpoint is signed, but the site names no key to check it with." };
    }
    const lines = log.checkpoint.slice(body.length + 1).split("\n");
    const line = lines.find((text) => text.startsWith(`\u2014 ${name} `));
    const signature = unbase64((line ?? "").split(" ")[2] ?? "");
    const ownId = hex((await sha256(join(encoder.encode(`${name}\n`), bytes))).subarray(0, 4));
    const wrong = differs(`The checkpoint's signature is not one by the key ${name}+${id} that the site names.`);
    if (signature === null || signature.length !== 68 || ownId !== id || hex(signature.subarray(0, 4)) !== id) throw wrong;
    let isValid = false;
    try {
      const verifier = await crypto.subtle.importKey("raw", bytes.subarray(1), { name: "Ed25519" }, false, ["verify"]);
      isValid = await crypto.subtle.verify("Ed25519", verifier, signature.subarray(4), encoder.encode(body));
    } catch {
      return { isChecked: false, words: "The checkpoint is signed, but this browser cannot check such signatures." };
    }
    if (!isValid) throw wrong;
    const words =
      `The checkpoint's signature by the key ${name}+${id} is valid; the key comes from this site, so that says only ` +
      "that the site's files agree with each other.";
    return { isChecked: true, words };
  }

  // What is said

  function add(parent, name, text) {
    const element = document.createElement(name);
    element.textContent = text;
    parent.append(element);
    return element;
  }

  function addList(parent, title, items) {
    add(parent, "p", title);
    const list = add(parent, "ul", "");
    for (const item of items) add(list, "li", item);
  }

  // Prove what can be proven; return how to say it.
  async function prove(place, template) {
    const { stream } = template.dataset;
    const page = Number(place.dataset.page);
    if (globalThis.crypto?.subtle === undefined) {
      throw impossible("This browser offers no hash functions here; open the site from a folder or over https.");
    }
    const [log, hashes] = await load(template, stream, Math.floor(page / WIDTH));
    if (!isWhole(log)) throw impossible("What the site says of its log is damaged or of another version.");
    const records = await readRecords(page * WIDTH);
    const { body, root } = await proveRoot(log);
    await proveRecords(log, hashes, page, records);
    const signature = await proveSignature(log, body);
    return { log, root, records, signature };
  }

  // Return numbers in words, consecutive ones as a range.
  function ranges(numbers) {
    const runs = [];
    for (const number of numbers) {
      if (runs.length && runs.at(-1)[1] === number - 1) runs.at(-1)[1] = number;
      else runs.push([number, number]);
    }
    return runs.map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`)).join(", ");
  }

  function title(count, all) {
    if (all === 0) return "This page shows no records, and the log has none in its place.";
    if (count === 0) return "No record is whole on this page, so none could be hashed.";
    if (count < all) return `${count} of ${all} records on this page were hashed; they are those of the log.`;
    return `The ${all} records on this page are those of the log.`;
  }

  function sayProof(status, { log, root, records, signature }) {
    const hashed = records.filter((record) => record.isHashed).map((record) => record.number);
    const apart = records.filter((record) => !record.isHashed).map((record) => record.number);
    status.className = `notice ${apart.length === 0 && signature.isChecked ? "good" : "warn"}`;
    add(status, "strong", title(hashed.length, records.length));
    const proven = [
      `The checkpoint is that of ${log.origin}, of size ${log.size} with root ${root}; the page's place in it is right.`,
      signature.words,
    ];
    if (hashed.length) {
      const where = "each at the position that is its number";
      proven.unshift(`Records ${ranges(hashed)}, byte for byte, are what the log's checkpoint commits to, ${where}.`);
    }
    const toCompare = log.signed ? "its root, and the key," : "its root";
    const open = [
      `That this is the checkpoint its publisher made. Compare ${toCompare} with a source outside this site.`,
      "That the runtime wrote all it did into the log.",
      "That the other columns, which interpret the records, and the other pages are right.",
    ];
    if (apart.length) open.unshift(`What records ${ranges(apart)} say: this page does not hold them whole.`);
    addList(status, "Proven:", proven);
    addList(status, "Not proven:", open);
  }

  async function check(place, template, status) {
    status.className = "";
    status.textContent = "Checking \u2026";
    let say;
    try {
      const proof = await prove(place, template);
      say = () => sayProof(status, proof);
    } catch (error) {
      const stop = error instanceof Stop ? error : impossible("The check met something that it does not know.");
      say = () => {
        status.className = `notice ${stop.tone}`;
        add(status, "strong", stop.title);
        add(status, "p", stop.message);
      };
    }
    status.replaceChildren();
    say();
    status.focus();
  }

  for (const place of document.querySelectorAll(".check")) {
    const template = place.querySelector("template");
    const status = document.createElement("div");
    status.setAttribute("role", "status");
    status.tabIndex = -1;
    const button = add(place, "button", "Check this page");
    button.type = "button";
    place.append(status);
    let last = Promise.resolve();
    button.addEventListener("click", () => {
      last = last.then(() => check(place, template, status));
    });
  }
})();
