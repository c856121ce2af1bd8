// The records of a page as leaves of the log's tree: their exact bytes, read back from what is shown, and their hashes.
"use strict";

const leaves = (() => {
  const LARGEST = 65535; // bytes of a record that is its own leaf
  const DIGEST = '{"replayglass":"digest-leaf';
  const encoder = new TextEncoder();

  // What ends a check before its end: `tone` as of a notice, and why.
  class Stop extends Error {
    constructor(tone, title, reason) {
      super(reason);
      this.tone = tone;
      this.title = title;
    }
  }
  const differs = (reason) => new Stop("bad", "This page and the log do not agree.", reason);
  const impossible = (reason) => new Stop("warn", "This page could not be checked.", reason);

  // Bytes

  const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const unhex = (text) => Uint8Array.from(text.match(/../g), (digits) => parseInt(digits, 16));

  function join(...parts) {
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  // Return the bytes of canonical base64, null for any other text.
  function unbase64(text) {
    try {
      const binary = atob(text);
      return btoa(binary) === text ? Uint8Array.from(binary, (sign) => sign.charCodeAt(0)) : null;
    } catch {
      return null;
    }
  }

  // The tree of RFC 9162, section 2.1; hashes are hex

  const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const node = async (left, right) => hex(await sha256(join([1], unhex(left), unhex(right))));

  async function leaf(record) {
    const start = String.fromCharCode(...record.subarray(0, DIGEST.length));
    if (record.length <= LARGEST && start !== DIGEST) return hex(await sha256(join([0], record)));
    const digest = hex(await sha256(record));
    const words = `{"replayglass":"digest-leaf@1","sha256":"${digest}","length":${record.length},"type":"text/plain"}`;
    return hex(await sha256(join([0], encoder.encode(words))));
  }

  // Row by row, an odd last hash goes up as it is.
  async function fold(hashes) {
    let row = hashes;
    while (row.length > 1) {
      row = await Promise.all(
        row.flatMap((hash, i) => (i % 2 ? [] : i + 1 < row.length ? [node(hash, row[i + 1])] : [hash])),
      );
    }
    return row;
  }

  // The page

  // Return the bytes of a record as `rawtext.py` writes them: text, named characters, bytes that are no UTF-8.
  function bytesOf(pre) {
    const parts = [...pre.childNodes].map((child) => {
      const text = child.textContent;
      if (child.nodeType === Node.TEXT_NODE) return encoder.encode(text);
      if (child.nodeName === "B" && child.className === "u" && /^U\+(10|[0-9A-F])?[0-9A-F]{4}$/.test(text)) {
        return encoder.encode(String.fromCodePoint(parseInt(text.slice(2), 16)));
      }
      if (child.nodeName === "B" && child.className === "x" && /^[89A-F][0-9A-F]$/.test(text)) return unhex(text);
      throw differs("A record has an element in it that no record has.");
    });
    return join(...parts);
  }

  // Return number, leaf hash and whether it was made of the record's bytes; null if the page says nothing of it.
  async function readRow(row) {
    const number = Number(row.id.slice(1));
    const named = row.querySelector("[data-leaf]");
    if (named !== null) return { number, leaf: named.dataset.leaf, isHashed: false };
    const shown = row.querySelectorAll("pre");
    if (shown.length > 1) throw differs(`Row ${number} shows more than one record.`);
    const isWhole = shown.length === 1 && shown[0].hasChildNodes();
    return { number, leaf: isWhole ? await leaf(bytesOf(shown[0])) : null, isHashed: isWhole };
  }

  async function readRecords(first) {
    const rows = document.querySelectorAll("table.rows > tbody > tr[id]:not([data-torn])");
    const records = await Promise.all([...rows].map(readRow));
    const wrong = records.findIndex((record, i) => record.number !== first + i);
    if (wrong >= 0) throw differs(`Row ${records[wrong].number} stands where record ${first + wrong} belongs.`);
    return records;
  }

  return { Stop, differs, impossible, encoder, hex, join, unbase64, sha256, fold, readRecords };
})();
