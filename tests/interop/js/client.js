// One matrix-js-sdk client with Rust crypto, driven over stdin/stdout by JSON lines:
// {"id", "call", "with"} in, {"id", "value"} or {"id", "error"} out. Everything else it says
// goes to stderr.
import { createInterface } from "node:readline";

for (const level of ["log", "info", "warn", "error", "debug", "trace"]) {
    console[level] = (...words) => process.stderr.write(`${words.map(String).join(" ")}\n`);
}

const { createClient, ClientEvent, MatrixEventEvent, RoomEvent } =
    await import("matrix-js-sdk");
const { AllDevicesIsolationMode, OnlySignedDevicesIsolationMode } = await import(
    "matrix-js-sdk/lib/crypto-api/index.js"
);
const { Attachment, EncryptedAttachment } = await import("@matrix-org/matrix-sdk-crypto-wasm");
const { logger } = await import("matrix-js-sdk/lib/logger.js");
logger.setLevel("warn");

const SHIELDS = ["none", "grey", "red"];
let client;

const calls = {
    // Logs in, cross-signs its own device and reads all rooms. `only_signed`: the mode that
    // neither sends keys to nor accepts messages of devices that are not cross-signed.
    async login({ url, user, password, only_signed }) {
        const auth = { type: "m.login.password", identifier: { type: "m.id.user", user }, password };
        const login = await createClient({ baseUrl: url }).loginRequest(auth);
        client = createClient({
            baseUrl: url,
            userId: login.user_id,
            deviceId: login.device_id,
            accessToken: login.access_token,
        });
        await client.initRustCrypto({ useIndexedDB: false });
        const crypto = client.getCrypto();
        await crypto.bootstrapCrossSigning({
            authUploadDeviceSigningKeys: (upload) => upload(auth),
        });
        crypto.setDeviceIsolationMode(
            only_signed ? new OnlySignedDevicesIsolationMode() : new AllDevicesIsolationMode(false),
        );
        await client.startClient({ initialSyncLimit: 50 });
        await until("the first sync", 60, [client, ClientEvent.Sync], () =>
            ["PREPARED", "SYNCING"].includes(client.getSyncState()),
        );
        return { user_id: login.user_id, device_id: login.device_id };
    },

    async create_direct_chat({ user_id }) {
        const { room_id } = await client.createRoom({
            preset: "trusted_private_chat",
            is_direct: true,
            invite: [user_id],
            initial_state: [
                {
                    type: "m.room.encryption",
                    state_key: "",
                    content: { algorithm: "m.megolm.v1.aes-sha2" },
                },
            ],
        });
        return { room_id };
    },

    async until_joined({ room_id, user_id, deadline }) {
        const joined = () =>
            client.getRoom(room_id)?.getMember(user_id)?.membership === "join" &&
            client.getRoom(room_id).hasEncryptionStateEvent();
        await until(`${user_id} in ${room_id}`, deadline, [client, ClientEvent.Sync], joined);
        // The crypto part learns of it a little later than the room, and emits nothing.
        const last = Date.now() + deadline * 1000;
        while (!(await client.getCrypto().isEncryptionEnabledInRoom(room_id))) {
            if (Date.now() > last) throw new Error(`no encryption in ${room_id}`);
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        return {};
    },

    // The room of the first invite that is there or comes.
    async accept_invite({ deadline }) {
        const find = () => client.getRooms().find((room) => room.getMyMembership() === "invite");
        const room = await until("an invite", deadline, [client, ClientEvent.Sync], find);
        const create = room.currentState.getStateEvents("m.room.create", "")?.getContent() ?? {};
        await client.joinRoom(room.roomId);
        return { room_id: room.roomId, create };
    },

    async send({ room_id, type, content }) {
        return client.sendEvent(room_id, type, content);
    },

    async send_file({ room_id, name, mimetype, data }) {
        const encrypted = Attachment.encrypt(Buffer.from(data, "base64"));
        const info = JSON.parse(encrypted.mediaEncryptionInfo);
        const upload = await client.uploadContent(new Blob([encrypted.encryptedData]), {
            type: "application/octet-stream",
            includeFilename: false,
        });
        return client.sendMessage(room_id, {
            msgtype: "m.file",
            body: name,
            filename: name,
            info: { mimetype },
            file: { ...info, url: upload.content_uri },
        });
    },

    // The bytes of a file that somebody posted under this name, decrypted by the SDK's own code.
    async fetch_file({ room_id, name, sender, deadline }) {
        const found = await awaitEvent(room_id, deadline, `a file ${name}`, (event) => {
            const content = event.getContent();
            return content.file && content.body === name && event.getSender() === sender;
        });
        const { file } = found.content;
        const address = client.mxcUrlToHttp(file.url, undefined, undefined, undefined, false, true, true);
        const headers = { Authorization: `Bearer ${client.getAccessToken()}` };
        const sealed = new Uint8Array(await (await fetch(address, { headers })).arrayBuffer());
        const clear = Attachment.decrypt(new EncryptedAttachment(sealed, JSON.stringify(file)));
        return { data: Buffer.from(clear).toString("base64"), shield: found.shield };
    },

    // The notice which answers `event_id`, decrypted, with its shield.
    async answer({ room_id, event_id, deadline }) {
        return awaitEvent(room_id, deadline, `the answer to ${event_id}`, (event) => {
            const relation = event.getContent()["m.relates_to"]?.["m.in_reply_to"];
            const wire = event.getWireContent()["m.relates_to"]?.["m.in_reply_to"];
            return (
                event.getContent().msgtype === "m.notice" &&
                (relation?.event_id ?? wire?.event_id) === event_id
            );
        });
    },

    // What somebody said of their own accord, answering nothing.
    async spoken({ room_id, sender, words, deadline }) {
        return awaitEvent(room_id, deadline, `"${words}" of ${sender}`, (event) => {
            const content = event.getContent();
            const answers = content["m.relates_to"] !== undefined;
            return event.getSender() === sender && !answers && content.body?.includes(words);
        });
    },

    async message({ room_id, event_id, deadline }) {
        const found = (event) => event.getId() === event_id && isReadable(event);
        return awaitEvent(room_id, deadline, `${event_id} readable`, found);
    },

    // The same event, also when it can't be read; `failure` says why.
    async unreadable({ room_id, event_id, deadline }) {
        const found = (event) => event.getId() === event_id && event.isDecryptionFailure();
        return awaitEvent(room_id, deadline, `${event_id} unreadable`, found);
    },

    async stop() {
        client?.stopClient();
        return {};
    },
};

function isReadable(event) {
    if (!event.isEncrypted()) return true;
    return event.getClearContent() !== null && !event.isDecryptionFailure();
}

async function awaitEvent(roomId, deadline, what, wanted) {
    const find = () =>
        client
            .getRoom(roomId)
            ?.getLiveTimeline()
            .getEvents()
            .find((event) => wanted(event));
    const sources = [client, RoomEvent.Timeline, MatrixEventEvent.Decrypted];
    const event = await until(what, deadline, sources, find);
    const info = event.isEncrypted()
        ? await client.getCrypto().getEncryptionInfoForEvent(event)
        : null;
    return {
        event_id: event.getId(),
        sender: event.getSender(),
        type: event.getType(),
        content: event.getContent(),
        encrypted: event.isEncrypted(),
        failure: event.isDecryptionFailure() ? event.decryptionFailureReason : null,
        shield: info ? SHIELDS[info.shieldColour] : null,
        shield_reason: info?.shieldReason ?? null,
        // Whether the rules of this person ring for it, as its words are and as the server sees it.
        rings: Boolean(client.getPushActionsForEvent(event, true)?.notify),
    };
}

// Resolves with what `holds` returns once that is truthy; asked when one of `names` is emitted.
function until(what, deadline, [emitter, ...names], holds) {
    return new Promise((resolve, reject) => {
        const finish = (settle, value) => {
            clearTimeout(timer);
            names.forEach((name) => emitter.off(name, look));
            settle(value);
        };
        const look = () => {
            const value = holds();
            if (value) finish(resolve, value);
        };
        const late = () => finish(reject, new Error(`waited ${deadline} s for ${what}`));
        const timer = setTimeout(late, deadline * 1000);
        names.forEach((name) => emitter.on(name, look));
        look();
    });
}

async function serve(line) {
    const { id, call, with: given } = JSON.parse(line);
    try {
        const value = await calls[call](given);
        process.stdout.write(`${JSON.stringify({ id, value })}\n`);
    } catch (error) {
        process.stdout.write(`${JSON.stringify({ id, error: String(error?.stack ?? error) })}\n`);
    }
}

const input = createInterface({ input: process.stdin });
input.on("line", serve);
input.on("close", () => process.exit(0));
