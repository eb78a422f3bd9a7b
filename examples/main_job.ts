/**
 * The main job, `npm start`: a CA and a server certificate made in memory, a server on loopback, and a real file sent there and
 * back in every security setting, over TCP and over WebSocket. Prints what each setting costs.
 *
 *     npm start [-- FILE]
 */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { type AcceptSecurity, type Channel, connect, type ConnectSecurity, pin, serve } from "@fesa/channel";
import { dial, dialWebSocket, listen, listenWebSocket } from "@fesa/channel/node";
import { generateKeyPair, type RsaPrivateKey } from "@fesa/channel/rsa";
import {
  createCertificateAuthority,
  createCertificateRequest,
  issueCertificate,
  parseCertificateRequest,
  pinOf,
} from "@fesa/channel/x509";

const CHUNK = 256 * 1024;
const SMALL_MESSAGES = 10_000;
const HANDSHAKES = 5;

const folder = await mkdtemp(join(tmpdir(), "fesa-"));
try {
  const file = process.argv[2] ?? await sampleFile();
  const { size } = await stat(file);
  console.log(`The file: ${basename(file)}, ${megabytes(size)}\n`);
  const rows: Row[] = [];
  for (const job of await jobs()) rows.push(await run(job, file, size));
  printTable(rows);
} finally {
  await rm(folder, { recursive: true });
}

/** One run: a transport, and a setting with the options of both sides. */
interface Job {
  readonly name: string;
  readonly webSocket: boolean;
  readonly offer: AcceptSecurity;
  readonly request: ConnectSecurity;
}

/** The options of server and client for each setting. */
async function jobs(): Promise<Job[]> {
  const serverName = "app.example";
  const { privateKey: key } = await generateKeyPair();
  const { privateKey: weakKey } = await generateKeyPair({ bits: 1024, allowWeak: true });
  const request = createCertificateRequest(key, { subject: `CN=${serverName}`, names: [serverName] });
  const ca = await createCertificateAuthority({ subject: "CN=My Root" });
  const certificate = issueCertificate(ca, parseCertificateRequest(request.pem));
  const secret = randomBytes(32);

  const certificateOffer = { setting: "certificate", key, certificates: [certificate] } as const;
  const certificateRequest = { setting: "certificate", roots: [ca.certificate], serverName } as const;
  const keyRequest = { setting: "key", trust: pin(certificate.pin) } as const;
  const native = { setting: "native", secret } as const;
  const stream = { setting: "native", secret, compression: "stream" } as const;
  const off = { setting: "off" } as const;
  return [
    { name: "certificate, TLS 1.3", webSocket: false, offer: certificateOffer, request: certificateRequest },
    { name: "certificate, TLS 1.3", webSocket: true, offer: certificateOffer, request: certificateRequest },
    { name: "key, TLS 1.3", webSocket: false, offer: { setting: "key", key }, request: keyRequest },
    rsaJob("key, RSA-2048, AES-256", key, "AES"),
    rsaJob("key, RSA-1024, AES-256", weakKey, "AES"),
    rsaJob("key, RSA-2048, 3DES-192", key, "3DES"),
    rsaJob("key, RSA-1024, 3DES-192", weakKey, "3DES"),
    { name: "native", webSocket: false, offer: native, request: native },
    { name: "native", webSocket: true, offer: native, request: native },
    { name: "native, stream", webSocket: false, offer: stream, request: stream },
    { name: "off", webSocket: false, offer: off, request: off },
  ];
}

/** FESA's own key exchange: RSA key exchange of TLS 1.2, without forward secrecy. */
function rsaJob(name: string, key: RsaPrivateKey, algorithm: "AES" | "3DES"): Job {
  const common = { setting: "key", keyExchange: "RSA", algorithm, minimumKeyBits: 1024 } as const;
  return {
    name,
    webSocket: false,
    offer: { ...common, key },
    request: { ...common, trust: pin(pinOf(key)) },
  };
}

/** The measurements of a run. */
interface Row {
  readonly setting: string;
  readonly transport: string;
  readonly "handshake ms": string;
  readonly "handshake bytes": number;
  readonly "file on the wire": string;
  readonly "MB/s": string;
  readonly "small messages on the wire": string;
  readonly "messages/s": string;
  readonly server: string;
}

async function run(job: Job, file: string, size: number): Promise<Row> {
  const transport = job.webSocket ? "WebSocket" : "TCP";
  const listener = await (job.webSocket ? listenWebSocket : listen)();
  await using _server = serve(listener, { security: [job.offer] }, echo);
  const dialed = async () =>
    await connect(
      job.webSocket ? await dialWebSocket(`ws://127.0.0.1:${listener.port}`) : await dial(listener),
      { security: job.request },
    );

  const milliseconds: number[] = [];
  for (let i = 0; i < HANDSHAKES; i++) {
    await using channel = await dialed();
    milliseconds.push(channel.info.handshake.milliseconds);
  }
  await using channel = await dialed();
  const { info } = channel;
  const seconds = await roundTrip(channel, file, size, `${job.name} over ${transport}`);
  const fileBytes = channel.stats.wireSent - info.handshake.sent;
  const messages = await smallMessages(await dialed());
  return {
    setting: job.name,
    transport,
    "handshake ms": median(milliseconds).toFixed(1),
    "handshake bytes": info.handshake.sent + info.handshake.received,
    "file on the wire": megabytes(fileBytes),
    "MB/s": (2 * size / 1e6 / seconds).toFixed(0),
    "small messages on the wire": megabytes(messages.bytes),
    "messages/s": Math.round(SMALL_MESSAGES / messages.seconds).toLocaleString("en"),
    server: info.authenticated ? "authenticated" : "not authenticated",
  };
}

/** The application server: sends every message back, and answers an empty one with the SHA-256 of all before it. */
async function echo(channel: Channel): Promise<void> {
  const hash = createHash("sha256");
  for await (const message of channel) {
    hash.update(message);
    await channel.send(message.length > 0 ? message : hash.copy().digest("hex"));
  }
}

/** Sends the file there and back, compares the digests of both ends, and returns the time it took. */
async function roundTrip(channel: Channel, file: string, size: number, label: string): Promise<number> {
  const started = performance.now();
  const sent = createHash("sha256");
  const returned = createHash("sha256");
  const copy = createWriteStream(join(folder, "copy"));
  let received = 0;

  const sending = (async () => {
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK })) {
      sent.update(chunk);
      await channel.send(chunk);
    }
    await channel.send("");
  })();
  while (received < size) {
    const message = await channel.receive();
    if (message === null) throw new Error("the server closed too early");
    returned.update(message);
    if (!copy.write(message)) await new Promise((resolve) => copy.once("drain", resolve));
    received += message.length;
    showProgress(label, received / size);
  }
  await sending;
  const atServer = new TextDecoder().decode((await channel.receive()) ?? undefined);
  await new Promise((resolve) => copy.end(resolve));

  const digest = sent.digest("hex");
  if (atServer !== digest || returned.digest("hex") !== digest) {
    throw new Error(`${label}: the SHA-256 differs`);
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(`${label.padEnd(36)} SHA-256 ${digest.slice(0, 16)}… at both ends`);
  return seconds;
}

/** Sends many small JSON messages and waits for the last one to come back. */
async function smallMessages(channel: Channel): Promise<{ bytes: number; seconds: number }> {
  const before = channel.stats.wireSent;
  const started = performance.now();
  const sending = (async () => {
    for (let i = 0; i < SMALL_MESSAGES; i++) {
      const sent = channel.send(
        JSON.stringify({ id: i, user: `user-${i % 50}`, action: "update", value: i * 7 % 1000 }),
      );
      if (i % 100 === 99) await sent;
    }
  })();
  for (let i = 0; i < SMALL_MESSAGES; i++) {
    if (await channel.receive() === null) throw new Error("the server closed too early");
  }
  await sending;
  const result = { bytes: channel.stats.wireSent - before, seconds: (performance.now() - started) / 1000 };
  await channel.close();
  return result;
}

/** Makes a file of 24 MiB: two thirds are the log of a program, one third cannot be compressed. */
async function sampleFile(): Promise<string> {
  const path = join(folder, "sample.dat");
  const lines: string[] = [];
  for (let i = 0, length = 0; length < 16 << 20; i++) {
    const line = `{"time":${1_700_000_000 + i * 13},"level":"info","request":"/orders/${
      i * 7919 % 100_003
    }","ms":${i % 97}}\n`;
    lines.push(line);
    length += line.length;
  }
  await writeFile(path, Buffer.concat([Buffer.from(lines.join("")), randomBytes(8 << 20)]));
  return path;
}

function showProgress(label: string, done: number): void {
  if (!process.stdout.isTTY) return;
  const width = 30;
  const full = Math.round(done * width);
  process.stdout.write(
    `\r${label.padEnd(36)} ${"█".repeat(full)}${"░".repeat(width - full)} ${Math.floor(done * 100)} %`,
  );
  if (done >= 1) process.stdout.write("\r\x1b[K");
}

function printTable(rows: readonly Row[]): void {
  const columns = Object.keys(rows[0]) as (keyof Row)[];
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => String(row[column]).length))
  );
  const line = (cells: readonly unknown[]) =>
    console.log(`| ${cells.map((cell, i) => String(cell).padEnd(widths[i])).join(" | ")} |`);
  console.log();
  line(columns);
  line(widths.map((width) => "-".repeat(width)));
  for (const row of rows) line(columns.map((column) => row[column]));
  console.log("\nBoth ends run in this one process. MB/s counts the file there and back.");
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
