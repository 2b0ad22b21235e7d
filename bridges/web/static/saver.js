"use strict";
// A service worker for one thing: what a page decrypts goes to disk as an ordinary download, piece
// by piece, without ever lying in memory whole. It answers under /f/save/ alone and keeps nothing.

const waiting = new Map();

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("message", (event) => {
  const { path, name, size } = event.data;
  const port = event.ports[0];
  waiting.set(path, { name, size, port });
  port.postMessage("ready");
});

addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  const found = waiting.get(path);
  waiting.delete(path);
  event.respondWith(found ? download(found) : new Response("", { status: 410 }));
});

function download({ name, size, port }) {
  let wanted = () => {};
  port.onmessage = (event) => wanted(event.data);
  const body = new ReadableStream({
    pull(controller) {
      return new Promise((done) => {
        wanted = (data) => {
          if (data === null) controller.close();
          else if (data.failed) controller.error(new Error("the page stopped"));
          else controller.enqueue(data);
          done();
        };
        port.postMessage("more");
      });
    },
    cancel() { port.postMessage("stopped"); },
  }, { highWaterMark: 0 });
  const headers = {
    "Content-Type": "application/octet-stream",
    "Content-Disposition": `attachment; filename*=UTF-8''${encoded(name)}`,
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
  };
  if (size !== null) headers["Content-Length"] = String(size);
  return new Response(body, { headers });
}

// RFC 8187
function encoded(name) {
  const odd = (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(name).replace(/['()*!]/g, odd);
}
