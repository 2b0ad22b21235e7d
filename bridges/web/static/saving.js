"use strict";
// From decrypted pieces to a file on disk: large ones through the service worker (saver.js), small
// ones, and all where there is none (private windows of some browsers), as a Blob. What is saved is
// never shown: nothing in it may run on our pages.

export const SMALL = 32 * 1024 * 1024;
const FOLDER = "/f/save/";

export class Stopped extends Error {}

// `pieces` is an async iterable of Uint8Array; `size` in bytes, or null.
export async function save(name, size, pieces) {
  const worker = size !== null && size <= SMALL ? null : await once();
  await (worker === null ? asBlob(name, pieces) : asStream(worker, name, size, pieces));
}

async function ready() {
  if (!navigator.serviceWorker) return null;
  try {
    const policy = globalThis.trustedTypes?.createPolicy("wecreate-saving", {
      createScriptURL: (address) => {
        if (address !== "/f/static/saver.js") throw new TypeError("not ours");
        return address;
      },
    });
    const address = policy ? policy.createScriptURL("/f/static/saver.js") : "/f/static/saver.js";
    const found = await navigator.serviceWorker.register(address, { scope: FOLDER });
    const worker = found.active || found.waiting || found.installing;
    if (worker.state !== "activated") {
      await new Promise((go, fail) => {
        worker.addEventListener("statechange", () => {
          if (worker.state === "activated") go();
          if (worker.state === "redundant") fail(new Error("redundant"));
        });
      });
    }
    return worker;
  } catch {
    return null;  // forbidden here: a Blob will do
  }
}

let known;
async function once() {
  known ??= ready();
  return known;
}

function asStream(worker, name, size, pieces) {
  const path = `${FOLDER}${crypto.randomUUID()}`;
  const { port1: port, port2: theirs } = new MessageChannel();
  const source = pieces[Symbol.asyncIterator]();
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = name;
  return new Promise((done, fail) => {
    port.onmessage = async (event) => {
      if (event.data === "ready") {
        frame.src = path;
        document.body.append(frame);
      } else if (event.data === "stopped") {
        await source.return?.();
        fail(new Stopped());
      } else {
        try {
          const next = await source.next();
          if (next.done) {
            port.postMessage(null);
            done();
          } else {
            const whole = next.value.byteLength === next.value.buffer.byteLength;
            const data = whole ? next.value : next.value.slice();
            port.postMessage(data, [data.buffer]);
          }
        } catch (error) {
          port.postMessage({ failed: true });
          fail(error);
        }
      }
    };
    worker.postMessage({ path, name, size }, [theirs]);
  });
}

async function asBlob(name, pieces) {
  const parts = [];
  for await (const piece of pieces) parts.push(new Blob([piece]));  // the browser may keep these on disk
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "application/octet-stream" }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
