"use strict";
// ZIP as a stream, stored without compression: what is shared is mostly compressed already.
// PKWARE APPNOTE 6.3: general purpose bits 3 (sizes follow the data) and 11 (UTF-8 names), ZIP64
// where a size, an offset or the count is too large for the old fields.

const MOST_32 = 0xffffffff;
const MOST_16 = 0xffff;
const FLAGS = 0x0808;

const TABLE = new Uint32Array(256).map((_, n) => {
  for (let bit = 0; bit < 8; bit += 1) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

function crcOf(data, crc) {
  for (let at = 0; at < data.length; at += 1) crc = TABLE[(crc ^ data[at]) & 0xff] ^ (crc >>> 8);
  return crc >>> 0;
}

// Little-endian fields: ["u16" | "u32" | "u64", value] or bytes.
function packed(...fields) {
  const width = { u16: 2, u32: 4, u64: 8 };
  const size = fields.reduce((sum, field) => sum + (width[field[0]] || field.length), 0);
  const raw = new Uint8Array(size);
  const view = new DataView(raw.buffer);
  let at = 0;
  for (const field of fields) {
    if (field[0] === "u16") view.setUint16(at, field[1], true);
    else if (field[0] === "u32") view.setUint32(at, field[1], true);
    else if (field[0] === "u64") view.setBigUint64(at, BigInt(field[1]), true);
    else raw.set(field, at);
    at += width[field[0]] || field.length;
  }
  return raw;
}

// DOS date and time, in UTC: the same file twice is the same ZIP.
function stamp(when) {
  const date = ((when.getUTCFullYear() - 1980) << 9) | ((when.getUTCMonth() + 1) << 5) | when.getUTCDate();
  const time = (when.getUTCHours() << 11) | (when.getUTCMinutes() << 5) | (when.getUTCSeconds() >> 1);
  return { date, time };
}

// `entries` are {path, size, chunks: async iterable}; gives the ZIP in chunks. `size` in bytes has
// to be right.
export async function* zipped(entries, when = new Date()) {
  const { date, time } = stamp(when);
  const written = [];
  let offset = 0;
  for await (const entry of entries) {
    const name = new TextEncoder().encode(entry.path);
    const large = entry.size >= MOST_32;
    const extra = large ? packed(["u16", 1], ["u16", 16], ["u64", 0], ["u64", 0]) : new Uint8Array();
    const start = offset;
    const head = packed(
      ["u32", 0x04034b50], ["u16", large ? 45 : 20], ["u16", FLAGS], ["u16", 0], ["u16", time],
      ["u16", date], ["u32", 0], ["u32", large ? MOST_32 : 0], ["u32", large ? MOST_32 : 0],
      ["u16", name.length], ["u16", extra.length], name, extra);
    offset += head.length;  // now: whoever takes a chunk may empty it
    yield head;
    let crc = MOST_32;
    let size = 0;
    for await (const chunk of entry.chunks) {
      crc = crcOf(chunk, crc);
      size += chunk.length;
      yield chunk;
    }
    if (size !== entry.size) throw new Error("an entry has another size than announced");
    crc = (crc ^ MOST_32) >>> 0;
    const wide = large ? "u64" : "u32";
    const tail = packed(["u32", 0x08074b50], ["u32", crc], [wide, size], [wide, size]);
    offset += size + tail.length;
    yield tail;
    written.push({ name, crc, size, start });
  }
  yield* directory(written, offset, date, time);
}

function* directory(written, offset, date, time) {
  let length = 0;
  for (const { name, crc, size, start } of written) {
    const wide = [];
    if (size >= MOST_32) wide.push(["u64", size], ["u64", size]);
    if (start >= MOST_32) wide.push(["u64", start]);
    const extra = wide.length ? packed(["u16", 1], ["u16", wide.length * 8], ...wide) : new Uint8Array();
    const field = packed(
      ["u32", 0x02014b50], ["u16", 0x0300 | 45], ["u16", wide.length ? 45 : 20], ["u16", FLAGS], ["u16", 0],
      ["u16", time], ["u16", date], ["u32", crc], ["u32", Math.min(size, MOST_32)],
      ["u32", Math.min(size, MOST_32)], ["u16", name.length], ["u16", extra.length], ["u16", 0], ["u16", 0],
      ["u16", 0], ["u32", (0o100644 << 16) >>> 0], ["u32", Math.min(start, MOST_32)], name, extra);
    length += field.length;
    yield field;
  }
  const count = written.length;
  if (count >= MOST_16 || offset >= MOST_32 || length >= MOST_32) {
    const end = offset + length;
    yield packed(
      ["u32", 0x06064b50], ["u64", 44], ["u16", 45], ["u16", 45], ["u32", 0], ["u32", 0], ["u64", count],
      ["u64", count], ["u64", length], ["u64", offset]);
    yield packed(["u32", 0x07064b50], ["u32", 0], ["u64", end], ["u32", 1]);
  }
  yield packed(
    ["u32", 0x06054b50], ["u16", 0], ["u16", 0], ["u16", Math.min(count, MOST_16)],
    ["u16", Math.min(count, MOST_16)], ["u32", Math.min(length, MOST_32)],
    ["u32", Math.min(offset, MOST_32)], ["u16", 0]);
}
