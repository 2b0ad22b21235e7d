"use strict";
// What a page has begun to send, kept in this browser until it has arrived, so that a closed tab
// costs nothing. Each record (name, place on the server, key, digests) is sealed with a key that
// comes from the secret behind the #: whoever finds the browser's storage without the link reads
// nothing, and the server learns nothing. docs/decisions/0022-file-requests.md

import { bytes, fromBase64, toBase64 } from "./sealing.js";

const FILES = "files";
const DIGESTS = "digests";
const DAY = 24 * 60 * 60 * 1000;

export class Begun {
  constructor(requestId, key) {
    this.requestId = requestId;
    this.key = key;
    this.opened = null;
  }

  async keep(sending) {
    const { file, path, raw, iv } = sending;
    const record = {
      path, name: file.name, size: file.size, modified: file.lastModified, raw: toBase64(raw), iv: toBase64(iv),
    };
    const sealed = await this.seal(path, bytes(JSON.stringify(record)));
    await this.write(FILES, { path, request: this.requestId, at: Date.now(), sealed });
  }

  // The digest of a piece, before the piece is sent.
  async note({ path }, place, digest) {
    await this.write(DIGESTS, { path, place, sealed: await this.seal(`${path} ${place}`, digest) });
  }

  async forget(path) {
    await this.run([FILES, DIGESTS], "readwrite", (files, digests) => {
      files.delete(path);
      digests.delete(IDBKeyRange.bound([path, 0], [path, Infinity]));
    });
  }

  // Of this link, and not older than the server keeps half a file.
  async all() {
    const found = [];
    for (const { path, request, at, sealed } of await this.read(FILES)) {
      if (at < Date.now() - DAY) await this.forget(path);
      else if (request === this.requestId) {
        try {
          found.push(await this.record(path, sealed));
        } catch {
          await this.forget(path);  // of a link with another secret, or broken
        }
      }
    }
    return found;
  }

  async record(path, sealed) {
    const said = JSON.parse(new TextDecoder().decode(await this.unseal(path, sealed)));
    const digests = [];
    for (const each of await this.read(DIGESTS, IDBKeyRange.bound([path, 0], [path, Infinity]))) {
      if (each.place !== digests.length) break;
      digests.push(await this.unseal(`${path} ${each.place}`, each.sealed));
    }
    return { ...said, raw: fromBase64(said.raw), iv: fromBase64(said.iv), digests };
  }

  async seal(place, data) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const how = { name: "AES-GCM", iv, additionalData: bytes(place) };
    return { iv, data: await crypto.subtle.encrypt(how, this.key, data) };
  }

  async unseal(place, { iv, data }) {
    const how = { name: "AES-GCM", iv, additionalData: bytes(place) };
    return new Uint8Array(await crypto.subtle.decrypt(how, this.key, data));
  }

  async write(store, value) {
    await this.run([store], "readwrite", (into) => { into.put(value); });
  }

  async read(store, range = null) {
    let asked = null;
    await this.run([store], "readonly", (from) => { asked = from.getAll(range); });
    return asked ? asked.result : [];
  }

  // One transaction. Without storage (some private windows) all goes on, a closed tab excepted.
  async run(stores, mode, act) {
    this.opened ??= open();
    const database = await this.opened;
    if (database === null) return;
    await new Promise((done) => {
      try {
        const going = database.transaction(stores, mode);
        going.oncomplete = done;
        going.onabort = done;
        act(...stores.map((name) => going.objectStore(name)));
      } catch {
        done();
      }
    });
  }
}

function open() {
  return new Promise((done) => {
    try {
      const asked = indexedDB.open("wecreate-sending", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore(FILES, { keyPath: "path" });
        asked.result.createObjectStore(DIGESTS, { keyPath: ["path", "place"] });
      };
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => done(null);
      asked.onblocked = () => done(null);
    } catch {
      done(null);
    }
  });
}
