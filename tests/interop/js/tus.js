// A tus client that is none of ours: what tus-js-client does with a server, told as JSON.
import { createReadStream } from "node:fs";
import * as tus from "tus-js-client";

const asked = JSON.parse(process.argv[2]);
const seen = [];
let lies = asked.lies || 0;

const options = {
  endpoint: asked.endpoint,
  uploadUrl: asked.url || null,
  uploadSize: asked.size,
  chunkSize: asked.chunk,
  retryDelays: [0, 50, 50],
  headers: { Authorization: `Ticket ${asked.ticket}` },
  overridePatchMethod: Boolean(asked.override),
  onBeforeRequest(request) {
    const sends = request.getHeader("Upload-Offset");
    if (sends !== undefined && Number(sends) > 0 && lies > 0) {
      lies -= 1;
      request.setHeader("Upload-Offset", String(Number(sends) + 1));
    }
  },
  onAfterResponse(request, response) {
    seen.push([request.getMethod(), response.getStatus()]);
  },
};

const said = await new Promise((done) => {
  const upload = new tus.Upload(createReadStream(asked.file, { start: asked.start || 0 }), {
    ...options,
    onSuccess: () => done({ url: upload.url }),
    onError: (error) => done({ url: upload.url, failed: String(error.message) }),
    onChunkComplete: async (size, sent) => {
      if (!asked.stopAt || sent < asked.stopAt) return;
      await upload.abort(Boolean(asked.terminate));
      done({ url: upload.url, sent });
    },
  });
  upload.start();
});
console.log(JSON.stringify({ ...said, seen }));
process.exit(0);
