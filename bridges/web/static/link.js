"use strict";
// Opens shared files: one as it is, several as one ZIP.
import {
  PIECE, Said, ask, by, bytes, counterAt, derive, digest, filled, fromBase64, hasSecret, pause, same,
  sizeWords, timeWords, unseal,
} from "./sealing.js";
import { Stopped, save } from "./saving.js";
import { zipped } from "./zip.js";
import { scryptAsync } from "./noble/scrypt.js";
import { sha256 } from "./noble/sha2.js";

const main = by("link");
const id = main.dataset.id;
const texts = JSON.parse(main.dataset.texts);
const MOST_TRIES = 40;
const MOST_SHOWN = 100;

function say(text, values = {}) {
  const said = filled(text, values);
  if (by("said").textContent !== said) by("said").textContent = said;
  by("said").className = "";
}

// What went wrong, in the words for it.
function complain(error) {
  say(error instanceof Said ? error.message : texts.later);
  by("said").className = "bad";
}

// What a password adds; guessing is slow on purpose.
async function slowed(password) {
  if (password === null) return new Uint8Array();
  const typed = bytes(password.normalize("NFC"));
  const salt = fromBase64(main.dataset.salt);
  if (main.dataset.kdf === "scrypt-16-8-2") {
    say(texts.slow);
    return scryptAsync(typed, salt, { N: 2 ** 16, r: 8, p: 2, dkLen: 32 });
  }
  const key = await crypto.subtle.importKey("raw", typed, "PBKDF2", false, ["deriveBits"]);
  const iterations = Number(main.dataset.iterations);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

const wrong = main.dataset.salt ? texts.wrong_password : texts.wrong_link;
const asked = (what, access) => ask(`${id}/${what}`, { access }, texts, wrong);

// The link's files, and the one ticket that fetches them: one visit, however often it is begun anew.
class Shared {
  constructor(about, access) {
    this.about = about;
    this.access = access;
    this.single = !about.files;
    this.files = about.files || [{ ...about, path: about.name }];
    this.ticket = null;
  }

  async visit() {
    this.ticket ??= (await asked("visit", this.access)).ticket;
  }

  // Asked for until it is there: a cut costs one piece at most.
  async get(what, range = null) {
    for (let tries = 0; ; tries += 1) {
      try {
        const headers = { Authorization: `Ticket ${this.ticket}` };
        if (range !== null) headers.Range = `bytes=${range[0]}-${range[1]}`;
        const answer = await fetch(`${id}/${what}`, { headers, credentials: "omit", cache: "no-store" });
        if (answer.status === 410 || answer.status === 403) throw new Said(texts.gone);
        if (answer.status === 422) throw new Said(texts.altered);
        if (!answer.ok) throw new Error(String(answer.status));
        const body = new Uint8Array(await answer.arrayBuffer());
        if (range !== null && body.length !== range[1] - range[0] + 1) throw new Error("short");
        return { body, headers: answer.headers };
      } catch (error) {
        if (error instanceof Said) throw error;
        if (tries >= MOST_TRIES) throw new Said(texts.later);
        say(texts.waiting);
        await pause(Math.min(250 * 2 ** tries, 8000));
      }
    }
  }

  // The file at a place of the list: its real size, and its decrypted pieces.
  async open(which) {
    const file = this.files[which];
    const { body: digests, headers } = await this.get(`${which}/digests`);
    if (file.tree && !same(await digest(digests), fromBase64(file.tree))) throw new Said(texts.altered);
    const size = file.tree ? file.size : Number(headers.get("Wecreate-Size"));
    return { path: file.path, size, chunks: this.pieces(which, size, digests) };
  }

  async* pieces(which, size, digests) {
    const file = this.files[which];
    const key = await crypto.subtle.importKey("raw", fromBase64(file.key), "AES-CTR", false, ["decrypt"]);
    const iv = fromBase64(file.iv);
    const whole = file.tree ? null : sha256.create();
    let coming = size > 0 ? this.piece(which, 0, size) : null;
    for (let first = 0, at = 0; first < size; first += PIECE, at += 1) {
      const sealed = await coming;
      const next = first + PIECE;
      coming = next < size ? this.piece(which, next, size) : null;  // while this one is decrypted
      coming?.catch(() => {});  // it is awaited in the next round
      if (!same(await digest(sealed), digests.slice(at * 32, at * 32 + 32))) throw new Said(texts.altered);
      whole?.update(sealed);
      yield new Uint8Array(await crypto.subtle.decrypt(counterAt(iv, first), key, sealed));
    }
    if (whole && !same(whole.digest(), fromBase64(file.sha256))) throw new Said(texts.altered);
  }

  async piece(which, first, size) {
    return (await this.get(`${which}/data`, [first, Math.min(first + PIECE, size) - 1])).body;
  }
}

async function* counted(pieces, size) {
  let done = 0;
  by("progress").hidden = false;
  by("progress").value = 0;
  for await (const piece of pieces) {
    done += piece.length;
    yield piece;
    if (size) {
      const percent = Math.min(100, Math.floor(100 * done / size));
      by("progress").value = percent;
      say(texts.saving, { percent });
    } else {
      say(texts.saving_unknown, { size: sizeWords(done, texts.lang) });
    }
  }
}

async function saveOne(shared, which) {
  await shared.visit();
  const file = await shared.open(which);
  await save(file.path.split("/").pop(), file.size, counted(file.chunks, file.size));
}

async function saveAll(shared) {
  await shared.visit();
  async function* entries() {
    for (let which = 0; which < shared.files.length; which += 1) yield shared.open(which);
  }
  const size = shared.files.reduce((sum, file) => sum + file.size, 0);
  await save(`${shared.about.name}.zip`, null, counted(zipped(entries()), size));
}

function guarded(act) {
  return async () => {
    const buttons = [...main.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    say(texts.working);
    try {
      await act();
      say(texts.done);
    } catch (error) {
      if (error instanceof Stopped) say(texts.stopped);
      else complain(error);
    }
    for (const button of buttons) button.disabled = false;
  };
}

// In words: nobody has to know what application/pdf is.
function kindOf(mimetype) {
  const found = [mimetype, `${String(mimetype).split("/")[0]}/`].find((each) => texts[`type:${each}`]);
  return found ? texts[`type:${found}`] : texts["type:"];
}

function list(shared) {
  by("files").hidden = false;
  shared.files.slice(0, MOST_SHOWN).forEach((file, which) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    const name = filled(texts.save_one, { name: file.path });
    button.textContent = `${name} · ${sizeWords(file.size, texts.lang)}`;
    button.addEventListener("click", guarded(() => saveOne(shared, which)));
    item.className = "choice";
    item.append(button);
    by("files").append(item);
  });
  if (shared.files.length > MOST_SHOWN) {
    const rest = document.createElement("li");
    rest.textContent = filled(texts.more_files, { n: shared.files.length - MOST_SHOWN });
    by("files").append(rest);
  }
}

function show(shared) {
  const { about, files } = shared;
  by("name").textContent = about.name;
  by("size").textContent = sizeWords(files.reduce((sum, file) => sum + file.size, 0), texts.lang);
  by("type").textContent = shared.single
    ? kindOf(about.mimetype) : filled(texts.several, { n: files.length });
  by("until").textContent = about.expires_at
    ? timeWords(about.expires_at, texts.lang)
    : texts.forever;
  if (!shared.single) {
    main.querySelector("h1").textContent = texts.title_several;
    by("intro").textContent = texts.intro_several;
    by("download").textContent = texts.download_all;
    list(shared);
  }
  by("unlock").hidden = true;
  by("file").hidden = false;
  by("download").addEventListener("click", guarded(() => (
    shared.single ? saveOne(shared, 0) : saveAll(shared))));
  by("download").focus();
  say("");
}

async function unlock(password) {
  const { meta, access } = await derive(id, await slowed(password));
  const { sealed } = await asked("open", access);
  show(new Shared(await unseal(id, meta, sealed), access));
}

async function tried(password) {
  const button = by("unlock").querySelector("button");
  button.disabled = true;
  say(texts.working);
  try {
    await unlock(password);
  } catch (error) {
    complain(error);
  }
  button.disabled = false;
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
    tried(by("password").value.trim());
  });
} else {
  tried(null);
}
