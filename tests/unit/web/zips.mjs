// ZIPs as the page writes them, to stdout: `many` entries, or one that is larger than 4 GiB.
import { once } from "node:events";
import { pathToFileURL } from "node:url";

const { zipped } = await import(pathToFileURL(process.argv[2]));
const large = 2 ** 32 + 5;

async function* bytes(text) { yield new TextEncoder().encode(text); }

async function* zeros(size) {
  const chunk = new Uint8Array(1024 * 1024);
  for (let left = size; left > 0; left -= chunk.length) yield chunk.subarray(0, Math.min(left, chunk.length));
}

async function* entries() {
  if (process.argv[3] === "many") {
    for (let at = 0; at < 66000; at += 1) yield { path: `Ordner/${at}.txt`, size: 1, chunks: bytes("x") };
  } else {
    yield { path: "groß.bin", size: large, chunks: zeros(large) };
    yield { path: "dahinter.txt", size: 4, chunks: bytes("Ende") };
  }
}

for await (const chunk of zipped(entries(), new Date(Date.UTC(2026, 10, 22)))) {
  if (!process.stdout.write(chunk)) await once(process.stdout, "drain");
}
