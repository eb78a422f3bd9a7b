/** Run by crowd.ts: 1,500 silent clients, 900 slow clients, and 300 that send junk. A client that is cut off reconnects. */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import process from "node:process";

const [port, localAddress] = process.argv.slice(2);

/** The time in milliseconds within which a client that was cut off reconnects. Clients do not all reconnect at once. */
const PAUSE = 2_000;

function comeSoon(send: (socket: Socket) => ReturnType<typeof setInterval> | void): void {
  setTimeout(() => come(send), Math.random() * PAUSE);
}

function come(send: (socket: Socket) => ReturnType<typeof setInterval> | void): void {
  const socket = connect({ host: "127.0.0.1", port: Number(port), localAddress });
  let timer: ReturnType<typeof setInterval> | void;
  socket.on("connect", () => timer = send(socket)).on("error", () => {}).resume();
  socket.on("close", () => {
    clearInterval(timer!);
    comeSoon(send);
  });
}

/** The beginning of a ClientHello, which slow clients send byte by byte. */
const HELLO = Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, ...randomBytes(500));

for (let i = 0; i < 1_500; i++) comeSoon(() => {});
for (let i = 0; i < 900; i++) {
  let sent = 0;
  comeSoon((socket) => setInterval(() => socket.write(HELLO.subarray(sent, ++sent)), 500));
}
for (let i = 0; i < 300; i++) comeSoon((socket) => void socket.write(randomBytes(2_000)));
setTimeout(() => process.send!("there"), 3_000);
process.once("disconnect", () => process.exit());
