"use strict";
// Sends files into a Box: each is encrypted here, as Matrix clients encrypt attachments, and goes
// up by tus (tus-js-client), piece by piece; after a cut it goes on where it was, after the page was
// closed too (begun.js). What opens it is sealed for the Box's key, which came with the link
// (wecreate_module/services/upload_sealing.py).
import {
  PIECE, Said, ask, by, bytes, counterAt, derive, digest, filled, fromBase64, hasSecret, joined, pause,
  sizeWords, timeWords, toBase64, unseal,
} from "./sealing.js";

import { Begun } from "./begun.js";
import "./tus/tus.min.js";  // it gives `tus`

const main = by("request");
const id = main.dataset.id;
const texts = JSON.parse(main.dataset.texts);
const TUS = { "Tus-Resumable": "1.0.0" };
const MOST_TRIES = 40;

// Another file than the one that was begun, or it is being written to.
class Changed extends Said {
  constructor() { super(texts.file_changed); }
}

// Whether trying again changes nothing.
function isFinal(status, tries) {
  return [403, 410, 413].includes(status) || (status === 409 && tries > 3) || (status === 507 && tries > 5);
}

function say(text, values = {}) {
  by("said").textContent = filled(text, values);
}

class Request {
  constructor(about, opened, begun) {
    this.about = about;
    this.ticket = opened.ticket;
    this.left = opened.files_left;
    this.maxSize = opened.max_size;
    this.begun = begun;
    this.waiting = [];  // what an earlier page began and did not end
  }

  // Those of them that the server still has.
  async lookBack() {
    for (const each of await this.begun.all()) {
      let answer = null;
      try { answer = await this.call("HEAD", each.path); } catch { /* it may well be there */ }
      if (answer === null || answer.ok) this.waiting.push(each);
      else await this.begun.forget(each.path);
    }
  }

  // What was begun of this very file; it is taken up once.
  taken(file) {
    const at = this.waiting.findIndex((each) => (
      each.name === file.name && each.size === file.size && each.modified === file.lastModified));
    return at < 0 ? null : this.waiting.splice(at, 1)[0];
  }

  async call(method, path, headers = {}, body = undefined) {
    return fetch(path, {
      method, body, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
      headers: { ...TUS, Authorization: `Ticket ${this.ticket}`, ...headers },
    });
  }

  async refused(answer) {
    return this.words(answer.status, await answer.text());
  }

  // What went wrong with a request of the library.
  reason(error) {
    if (error.causingError instanceof Said) return error.causingError;
    const answer = error.originalResponse;
    return this.words(answer?.getStatus(), answer?.getBody());
  }

  words(status, body) {
    let why = [403, 410].includes(status) ? "gone" : "later";
    try { why = JSON.parse(body).why; } catch { /* no words came with it */ }
    const said = { gone: texts.request_gone, wrong: texts.request_gone, "too-large": texts.too_large };
    return new Said(said[why] || texts[why] || texts.later);
  }
}

// One file's way. `told` hears how many bytes the server has; `before` is what an earlier page
// began of it. What goes over the line, and how long to go on after a cut, is tus-js-client's; the
// source that it sends from encrypts each piece when it is its turn.
class Sending {
  constructor(request, file, told, before = null) {
    this.request = request;
    this.file = file;
    this.told = told;
    this.before = before;
  }

  async run(sender) {
    try {
      await (this.before ? this.again() : this.anew());
      await this.send();
    } catch (error) {
      if (!(error instanceof Changed) || !this.before) throw error;
      await this.drop();  // it is another file, which begins anew with another key
      await this.anew();
      await this.send();
    }
    await this.finish(sender);
    await this.request.begun.forget(this.path);
  }

  async begin({ raw, iv, digests, path }) {
    Object.assign(this, { raw, iv, digests, path });
    this.key = await crypto.subtle.importKey("raw", raw, "AES-CTR", false, ["encrypt"]);
  }

  async anew() {
    await this.begin({
      raw: crypto.getRandomValues(new Uint8Array(32)), digests: [], path: null,
      iv: joined(crypto.getRandomValues(new Uint8Array(8)), new Uint8Array(8)),
    });
  }

  // What was sent is encrypted once more: it has to be the very same bytes, or one counter would
  // hide two texts, and the file would be of two halves.
  async again() {
    say(texts.going_on, { name: this.file.name });
    await this.begin(this.before);
    const noted = Math.min(this.digests.length * PIECE, this.file.size);
    for (let first = 0; first < noted; first += PIECE) {
      await this.sealed(first);
      this.told(first);
    }
  }

  async drop() {
    this.before = null;
    try {
      await tus.Upload.terminate(new URL(this.path, location.href).href, this.how());
    } catch (error) {
      if (error.originalResponse?.getStatus() !== 410) throw this.request.reason(error);
    }
    await this.request.begun.forget(this.path);
  }

  // The piece at an offset, encrypted, and its digest noted.
  async sealed(first) {
    const clear = await this.file.slice(first, first + PIECE).arrayBuffer();
    if (clear.byteLength !== Math.min(PIECE, this.file.size - first)) throw new Changed();
    const data = new Uint8Array(await crypto.subtle.encrypt(counterAt(this.iv, first), this.key, clear));
    const found = await digest(data);
    const before = this.digests[first / PIECE];
    // The same counter must never encrypt two different texts.
    if (before && toBase64(before) !== toBase64(found)) throw new Changed();
    this.digests[first / PIECE] = found;
    if (!before && this.path) await this.request.begun.note(this, first / PIECE, found);
    return data;
  }

  // What the library sends from: from an offset to the end of its piece.
  source() {
    const { size } = this.file;
    return {
      size,
      close() {},
      slice: async (offset) => {
        const first = offset - offset % PIECE;
        if (first / PIECE > this.digests.length) throw new Changed();  // nothing is sent before it is noted
        const data = (await this.sealed(first)).subarray(offset - first);
        return { value: new Blob([data]), done: offset + data.length === size };
      },
    };
  }

  // How a request of the library is made, and made again.
  how() {
    return {
      headers: { Authorization: `Ticket ${this.request.ticket}` },
      retryDelays: Array.from({ length: MOST_TRIES }, (_, tries) => Math.min(250 * 2 ** tries, 8000)),
      onShouldRetry: (error, tries) => {
        const status = error.originalResponse?.getStatus();
        if (error.causingError instanceof Said || isFinal(status, tries)) return false;
        if (tries > 0) say(texts.waiting);
        return true;
      },
    };
  }

  async send() {
    if (this.file.size === 0) await this.sealed(0);
    await new Promise((done, failed) => {
      const upload = new tus.Upload(this.file, {
        ...this.how(),
        endpoint: this.path ? null : new URL(`${id}/files`, location.href).href,
        uploadUrl: this.path && new URL(this.path, location.href).href,
        chunkSize: PIECE,
        fileReader: { openFile: async () => this.source() },
        fingerprint: async () => id,
        // begun.js keeps more than an address, and sealed. What has a place never gets another one.
        urlStorage: {
          addUpload: async (_, { uploadUrl }) => {
            upload.options.endpoint = null;
            if (!this.path) await this.placed(uploadUrl);
            return this.path;
          },
          removeUpload: async () => {},
        },
        onProgress: (sent) => this.told(sent),
        onSuccess: () => this.placed(upload.url).then(done, failed),
        onError: (error) => failed(this.request.reason(error)),
      });
      upload.start();
    });
  }

  async placed(url) {
    if (this.path) return;
    this.path = new URL(url).pathname;
    await this.request.begun.keep(this);
  }

  async finish(sender) {
    const tree = toBase64(await digest(joined(...this.digests)));
    const unpadded = (raw) => toBase64(raw).replaceAll("=", "");
    const about = {
      name: this.file.name, mimetype: this.file.type || "application/octet-stream", tree, sender,
      key: unpadded(this.raw).replaceAll("+", "-").replaceAll("/", "_"), iv: unpadded(this.iv),
    };
    const letter = toBase64(await seal(this.request.about.public_key, this.path.split("/").pop(), about));
    await this.patiently(() => this.request.call(
      "POST", `${this.path}/done`, { "Content-Type": "application/json" }, JSON.stringify({ letter })));
  }

  // Until it is done: a cut costs one piece at most, a refusal is said.
  async patiently(act) {
    for (let tries = 0; ; tries += 1) {
      try {
        const answer = await act();
        if (answer.ok) return answer;
        if (isFinal(answer.status, tries)) throw await this.request.refused(answer);
        throw new Error(String(answer.status));
      } catch (error) {
        if (error instanceof Said) throw error;
        if (tries >= MOST_TRIES) throw new Said(texts.later);
        if (tries > 0) say(texts.waiting);
        await pause(Math.min(250 * 2 ** tries, 8000));
      }
    }
  }
}

async function seal(publicKey, uploadId, about) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("raw", fromBase64(publicKey), curve, false, []);
  const own = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
  const root = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: bytes(id), info: bytes("wecreate upload letter") },
    root, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const text = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce, additionalData: bytes(uploadId) }, key, bytes(JSON.stringify(about)));
  const point = await crypto.subtle.exportKey("raw", own.publicKey);
  return joined(new Uint8Array(point), nonce, new Uint8Array(text));
}

function limits(request) {
  const files = request.left + request.waiting.length;
  by("limits").textContent = filled(
    files === 1 ? texts.limits_one : texts.limits,
    { files, size: sizeWords(request.maxSize, texts.lang) });
  by("begun").textContent = request.waiting.length
    ? filled(texts.begun, { names: request.waiting.map((each) => each.name).join(", ") }) : "";
  by("begun").hidden = !request.waiting.length;
  if (files > 0) return;
  by("form").hidden = true;
  say(texts.enough);
}

// A line in the list: name, size, how far it is.
function line(file) {
  const item = document.createElement("li");
  const name = document.createElement("strong");
  name.id = `file-${by("files").children.length}`;
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = Math.max(file.size, 1);
  bar.value = 0;
  bar.setAttribute("aria-labelledby", name.id);
  const words = document.createElement("span");
  words.textContent = sizeWords(file.size, texts.lang);
  item.append(name, " ", words, bar);
  by("files").append(item);
  return { item, bar, words };
}

async function sendAll(request, files) {
  const sender = by("sender").value.trim().slice(0, 60);
  let sent = 0;
  for (const file of files) {
    const { item, bar, words } = line(file);
    const before = request.taken(file);
    try {
      if (request.left < 1 && !before) throw new Said(texts.enough);
      if (file.size > request.maxSize) throw new Said(texts.too_large);
      say(texts.sending, { name: file.name });
      await new Sending(request, file, (offset) => { bar.value = offset; }, before).run(sender);
      bar.value = bar.max;
      if (!before) request.left -= 1;
      sent += 1;
      words.textContent = texts.sent;
      item.className = "good";
    } catch (error) {
      words.textContent = error instanceof Said ? error.message : texts.later;
      item.className = "bad";
    }
  }
  limits(request);
  say(sent === files.length ? texts.all_sent : texts.not_all_sent, { sent, files: files.length });
}

async function open() {
  const { meta, access, own } = await derive(id);
  const opened = await ask(`${id}/open`, { access }, { ...texts, gone: texts.request_gone }, texts.wrong_link);
  const about = await unseal(id, meta, opened.sealed);
  const request = new Request(about, opened, new Begun(id, own));
  await request.lookBack();
  by("title").textContent = about.title;
  document.title = `${about.title} · WeCreate`;
  if (about.expires_at) {
    by("until").textContent = filled(texts.open_until, { until: timeWords(about.expires_at, texts.lang) });
  }
  say("");
  by("form").hidden = false;
  limits(request);
  by("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [...by("chosen").files];
    if (!files.length) { say(texts.choose_first); by("chosen").focus(); return; }
    by("send").disabled = true;
    await sendAll(request, files);
    by("chosen").value = "";
    by("send").disabled = false;
    by("said").focus();
  });
  addEventListener("beforeunload", (event) => { if (by("send").disabled) event.preventDefault(); });
}

if (!globalThis.crypto?.subtle) {
  say(texts.old_browser);
} else if (!hasSecret()) {
  say(texts.wrong_link);
} else {
  open().catch((error) => say(error instanceof Said ? error.message : texts.later));
}
