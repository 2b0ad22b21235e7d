"use strict";
// Opens a shared file.
import {
  PIECE, Said, ask, by, bytes, counterAt, derive, digest, filled, fromBase64, hasSecret, pause, same,
  sizeWords, unseal,
} from "./sealing.js";

const main = by("link");
const id = main.dataset.id;
const texts = JSON.parse(main.dataset.texts);

function say(text, values = {}) {
  by("said").textContent = filled(text, values);
}

async function slowed(password) {
  if (password === null) return new Uint8Array();
  const typed = await crypto.subtle.importKey(
    "raw", bytes(password.normalize("NFC")), "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({
    name: "PBKDF2", hash: "SHA-256", salt: fromBase64(main.dataset.salt),
    iterations: Number(main.dataset.iterations),
  }, typed, 256));
}

const wrong = main.dataset.salt ? texts.wrong_password : texts.wrong_link;
const asked = (what, access) => ask(`${id}/${what}`, { access }, texts, wrong);

function show(about) {
  by("name").textContent = about.name;
  by("size").textContent = sizeWords(about.size, texts.lang);
  by("type").textContent = about.mimetype;
  by("until").textContent = about.expires_at
    ? new Date(about.expires_at).toLocaleString(texts.lang, { dateStyle: "long", timeStyle: "short" })
    : texts.forever;
  by("unlock").hidden = true;
  by("file").hidden = false;
  by("download").focus();
  say("");
}

// One range of the ciphertext, asked for until it is there: a cut costs one piece at most.
async function range(what, ticket, first, last) {
  for (let tries = 0; ; tries += 1) {
    try {
      const headers = { Authorization: `Ticket ${ticket}` };
      if (last !== null) headers.Range = `bytes=${first}-${last}`;
      const answer = await fetch(`${id}/${what}`, { headers, credentials: "omit", cache: "no-store" });
      if (answer.status === 410 || answer.status === 403) throw new Said(texts.gone);
      if (!answer.ok) throw new Error(String(answer.status));
      const body = await answer.arrayBuffer();
      if (last !== null && body.byteLength !== last - first + 1) throw new Error("short");
      return body;
    } catch (error) {
      if (error instanceof Said || tries >= 40) throw error instanceof Said ? error : new Said(texts.later);
      say(texts.waiting);
      await pause(Math.min(250 * 2 ** tries, 8000));
    }
  }
}

async function load(about, ticket) {
  const digests = new Uint8Array(await range("digests", ticket, 0, null));
  if (!same(await digest(digests), fromBase64(about.tree))) throw new Said(texts.altered);
  const key = await crypto.subtle.importKey("raw", fromBase64(about.key), "AES-CTR", false, ["decrypt"]);
  const iv = fromBase64(about.iv);
  const parts = [];
  for (let first = 0, at = 0; first < about.size; first += PIECE, at += 1) {
    const last = Math.min(first + PIECE, about.size) - 1;
    const sealed = await range("data", ticket, first, last);
    if (!same(await digest(sealed), digests.slice(at * 32, at * 32 + 32))) throw new Said(texts.altered);
    const clear = await crypto.subtle.decrypt(counterAt(iv, first), key, sealed);
    parts.push(new Blob([clear]));  // the browser may keep these on disk
    const percent = Math.floor(100 * (last + 1) / about.size);
    by("progress").value = percent;
    say(texts.loading, { percent });
  }
  return new Blob(parts, { type: "application/octet-stream" });
}

// Saved, never shown: what is in the file must not run on this page.
function save(whole, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(whole);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function guarded(button, act) {
  button.disabled = true;
  say(texts.working);
  try {
    await act();
  } catch (error) {
    say(error instanceof Said ? error.message : texts.later);
    button.disabled = false;
  }
}

async function unlock(password) {
  const { meta, access } = await derive(id, await slowed(password));
  const about = await unseal(id, meta, (await asked("open", access)).sealed);
  show(about);
  let ticket = null;  // one visit, however often this page has to begin anew
  by("download").addEventListener("click", () => guarded(by("download"), async () => {
    by("progress").hidden = false;
    ticket ??= (await asked("visit", access)).ticket;
    save(await load(about, ticket), about.name);
    say(texts.done);
    by("download").disabled = false;
  }));
}

if (!globalThis.crypto?.subtle) {
  say(texts.old_browser);
} else if (!hasSecret()) {
  say(texts.wrong_link);
} else if (main.dataset.salt) {
  by("unlock").hidden = false;
  by("password").focus();
  by("unlock").addEventListener("submit", (event) => {
    event.preventDefault();
    const button = by("unlock").querySelector("button");
    guarded(button, () => unlock(by("password").value.trim()));
  });
} else {
  guarded(by("download"), () => unlock(null)).then(() => { by("download").disabled = false; });
}
