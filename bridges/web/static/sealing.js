"use strict";
// What both pages for visitors share: what is derived from the secret behind the #, which never
// leaves them. How stands in wecreate_module/services/link_sealing.py.

export const PIECE = 1024 * 1024;
export const bytes = (text) => new TextEncoder().encode(text);
export const by = (name) => document.getElementById(name);
export const pause = (ms) => new Promise((go) => setTimeout(go, ms));

// A sentence for the visitor; anything else is a fault.
export class Said extends Error {}

export function fromBase64(text) {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain), (c) => c.charCodeAt(0));
}

export function toBase64(raw) {
  const all = new Uint8Array(raw);
  let text = "";
  for (let at = 0; at < all.length; at += 8192) {
    text += String.fromCharCode(...all.subarray(at, at + 8192));
  }
  return btoa(text);
}

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
}

export const digest = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));

export function same(one, other) {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}

export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

// How somebody writes dates and numbers: as their browser does, where it speaks the page's language.
function localeFor(language) {
  return (navigator.languages || []).find((each) => each.split("-")[0] === language) || language;
}

export function timeWords(instant, language) {
  return new Date(instant).toLocaleString(localeFor(language), { dateStyle: "long", timeStyle: "short" });
}

export function sizeWords(size, language) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let at = 0;
  while (size >= 1000 && at < units.length - 1) { size /= 1000; at += 1; }
  return new Intl.NumberFormat(localeFor(language), {
    style: "unit", unit: units[at], maximumFractionDigits: at ? 1 : 0,
  }).format(size);
}

export const hasSecret = () => /^#[A-Za-z0-9_-]{43}$/.test(location.hash);

// The metadata's key, the access token, and the key of what a page keeps for itself; `slow` is what
// a password adds.
export async function derive(id, slow = new Uint8Array()) {
  const material = joined(fromBase64(location.hash.slice(1)), slow);
  const root = await crypto.subtle.importKey("raw", material, "HKDF", false, ["deriveBits", "deriveKey"]);
  const expand = (purpose) => ({ name: "HKDF", hash: "SHA-256", salt: bytes(id), info: bytes(purpose) });
  const cipher = { name: "AES-GCM", length: 256 };
  const meta = await crypto.subtle.deriveKey(expand("wecreate link meta"), root, cipher, false, ["decrypt"]);
  const access = await crypto.subtle.deriveBits(expand("wecreate link access"), root, 256);
  const own = await crypto.subtle.deriveKey(
    expand("wecreate link page"), root, cipher, false, ["encrypt", "decrypt"]);
  return { meta, own, access: toBase64(access) };
}

export async function unseal(id, meta, sealed) {
  const raw = fromBase64(sealed);
  const parameters = { name: "AES-GCM", iv: raw.slice(0, 12), additionalData: bytes(id) };
  const text = await crypto.subtle.decrypt(parameters, meta, raw.slice(12));
  return JSON.parse(new TextDecoder().decode(text));
}

// AES-CTR counts blocks of 16 bytes in the lower half of the IV: seeking is adding.
export function counterAt(iv, offset) {
  const counter = iv.slice();
  const view = new DataView(counter.buffer);
  view.setBigUint64(8, BigInt.asUintN(64, view.getBigUint64(8) + BigInt(offset / 16)));
  return { name: "AES-CTR", counter, length: 64 };
}

// Ask the server something in JSON; refusals become sentences.
export async function ask(path, body, texts, wrong) {
  const answer = await fetch(path, {
    method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
    credentials: "omit", referrerPolicy: "no-referrer",
  });
  const said = await answer.json();
  if (answer.ok) return said;
  if (said.why === "wrong") throw new Said(wrong);
  if (said.why === "wait") throw new Said(texts.wait.replace("{seconds}", said.seconds));
  throw new Said(texts[said.why] || texts.later);
}
