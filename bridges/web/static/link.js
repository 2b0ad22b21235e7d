"use strict";
// Opens a shared file: the secret behind the # never leaves this page. What is derived how stands
// in wecreate_module/services/link_sealing.py.
{
  const main = document.getElementById("link");
  const id = main.dataset.id;
  const piece = Number(main.dataset.piece);
  const texts = JSON.parse(main.dataset.texts);
  const by = (name) => document.getElementById(name);
  const bytes = (text) => new TextEncoder().encode(text);
  const fromBase64 = (text) => {
    const plain = text.replaceAll("-", "+").replaceAll("_", "/");
    return Uint8Array.from(atob(plain), (c) => c.charCodeAt(0));
  };
  const toBase64 = (raw) => btoa(String.fromCharCode(...new Uint8Array(raw)));
  const pause = (ms) => new Promise((go) => setTimeout(go, ms));

  class Said extends Error {}

  function say(text, values = {}) {
    by("said").textContent = text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  }

  async function derive(password) {
    const secret = fromBase64(location.hash.slice(1));
    let material = secret;
    if (password !== null) {
      const typed = await crypto.subtle.importKey(
        "raw", bytes(password.normalize("NFC")), "PBKDF2", false, ["deriveBits"]);
      const slow = await crypto.subtle.deriveBits({
        name: "PBKDF2", hash: "SHA-256", salt: fromBase64(main.dataset.salt),
        iterations: Number(main.dataset.iterations),
      }, typed, 256);
      material = new Uint8Array([...secret, ...new Uint8Array(slow)]);
    }
    const root = await crypto.subtle.importKey("raw", material, "HKDF", false, ["deriveBits", "deriveKey"]);
    const expand = (purpose) => ({ name: "HKDF", hash: "SHA-256", salt: bytes(id), info: bytes(purpose) });
    const meta = await crypto.subtle.deriveKey(
      expand("wecreate link meta"), root, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    const access = await crypto.subtle.deriveBits(expand("wecreate link access"), root, 256);
    return { meta, access: toBase64(access) };
  }

  async function ask(what, access) {
    const answer = await fetch(`${id}/${what}`, {
      method: "POST", body: JSON.stringify({ access }), headers: { "Content-Type": "application/json" },
      credentials: "omit", referrerPolicy: "no-referrer",
    });
    const said = await answer.json();
    if (answer.ok) return said;
    if (said.why === "wrong") throw new Said(main.dataset.salt ? texts.wrong_password : texts.wrong_link);
    if (said.why === "wait") throw new Said(texts.wait.replace("{seconds}", said.seconds));
    throw new Said(texts[said.why] || texts.later);
  }

  async function unseal(meta, sealed) {
    const raw = fromBase64(sealed);
    const parameters = { name: "AES-GCM", iv: raw.slice(0, 12), additionalData: bytes(id) };
    const text = await crypto.subtle.decrypt(parameters, meta, raw.slice(12));
    return JSON.parse(new TextDecoder().decode(text));
  }

  function sizeWords(size) {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
    let at = 0;
    while (size >= 1000 && at < units.length - 1) { size /= 1000; at += 1; }
    return new Intl.NumberFormat(texts.lang, {
      style: "unit", unit: units[at], maximumFractionDigits: at ? 1 : 0,
    }).format(size);
  }

  function show(about) {
    by("name").textContent = about.name;
    by("size").textContent = sizeWords(about.size);
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

  async function same(data, digest) {
    const found = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    return found.length === digest.length && found.every((value, at) => value === digest[at]);
  }

  // AES-CTR counts blocks of 16 bytes in the lower half of the IV: seeking is adding.
  function counterAt(iv, offset) {
    const counter = iv.slice();
    const view = new DataView(counter.buffer);
    view.setBigUint64(8, BigInt.asUintN(64, view.getBigUint64(8) + BigInt(offset / 16)));
    return counter;
  }

  async function load(about, ticket) {
    const digests = new Uint8Array(await range("digests", ticket, 0, null));
    if (!await same(digests, fromBase64(about.tree))) throw new Said(texts.altered);
    const key = await crypto.subtle.importKey("raw", fromBase64(about.key), "AES-CTR", false, ["decrypt"]);
    const iv = fromBase64(about.iv);
    const parts = [];
    for (let first = 0, at = 0; first < about.size; first += piece, at += 1) {
      const last = Math.min(first + piece, about.size) - 1;
      const sealed = await range("data", ticket, first, last);
      if (!await same(sealed, digests.slice(at * 32, at * 32 + 32))) throw new Said(texts.altered);
      const clear = await crypto.subtle.decrypt(
        { name: "AES-CTR", counter: counterAt(iv, first), length: 64 }, key, sealed);
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
    const { meta, access } = await derive(password);
    const about = await unseal(meta, (await ask("open", access)).sealed);
    show(about);
    let ticket = null;  // one visit, however often this page has to begin anew
    by("download").addEventListener("click", () => guarded(by("download"), async () => {
      by("progress").hidden = false;
      ticket ??= (await ask("visit", access)).ticket;
      save(await load(about, ticket), about.name);
      say(texts.done);
      by("download").disabled = false;
    }));
  }

  if (!globalThis.crypto?.subtle) {
    say(texts.old_browser);
  } else if (!/^#[A-Za-z0-9_-]{43}$/.test(location.hash)) {
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
}
