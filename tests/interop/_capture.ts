/** Makes a packet capture of one connection from the bytes that its client wrote and read, which does not require root. */
import { concat } from "../../src/bytes.ts";
import type { Transport } from "../../src/connection.ts";

/** The port of the server in the capture. */
export const SERVER_PORT = 4433;
const CLIENT_PORT = 50_000;

/** Flags of TCP (RFC 9293 section 3.1). */
const [SYN, PSH, ACK] = [0x02, 0x08, 0x10];

/** The most bytes that one packet carries. */
const SEGMENT = 60_000;

/** LINKTYPE_RAW of the pcap format: packets begin with the IP header. */
const LINK_TYPE_RAW = 101;

/** The bytes of both directions of a connection, in order. */
export class Capture {
  readonly #packets: Uint8Array[] = [];
  readonly #sent = { client: 1, server: 1 };

  constructor() {
    this.#packet("client", SYN, new Uint8Array(0), 0);
    this.#packet("server", SYN | ACK, new Uint8Array(0), 0);
  }

  /** The client's transport, which records the bytes. */
  tap({ readable, writable }: Transport): Transport {
    const incoming = this.#ear("server");
    const outgoing = this.#ear("client");
    outgoing.readable.pipeTo(writable).catch(() => {});
    return { readable: readable.pipeThrough(incoming), writable: outgoing.writable };
  }

  /** Returns the capture in the pcap format. */
  pcap(): Uint8Array {
    const header = new DataView(new ArrayBuffer(24));
    header.setUint32(0, 0xa1b2c3d4);
    header.setUint16(4, 2);
    header.setUint16(6, 4);
    header.setUint32(16, 0x40000);
    header.setUint32(20, LINK_TYPE_RAW);
    return concat(new Uint8Array(header.buffer), ...this.#packets);
  }

  #ear(sender: "client" | "server"): TransformStream<Uint8Array, Uint8Array> {
    return new TransformStream({
      transform: (chunk, controller) => {
        for (let i = 0; i < chunk.length; i += SEGMENT) {
          this.#packet(sender, PSH | ACK, chunk.subarray(i, i + SEGMENT), this.#sent[sender]);
          this.#sent[sender] += Math.min(SEGMENT, chunk.length - i);
        }
        controller.enqueue(chunk);
      },
    });
  }

  #packet(sender: "client" | "server", flags: number, payload: Uint8Array, sequence: number): void {
    const length = 40 + payload.length;
    const packet = new DataView(new ArrayBuffer(16 + 40));
    packet.setUint32(0, this.#packets.length); // seconds
    packet.setUint32(8, length);
    packet.setUint32(12, length);
    // IPv4 (RFC 791)
    packet.setUint8(16, 0x45);
    packet.setUint16(18, length);
    packet.setUint8(24, 64);
    packet.setUint8(25, 6);
    packet.setUint32(28, sender === "client" ? 0x7f00_0001 : 0x7f00_0002);
    packet.setUint32(32, sender === "client" ? 0x7f00_0002 : 0x7f00_0001);
    // TCP (RFC 9293)
    packet.setUint16(36, sender === "client" ? CLIENT_PORT : SERVER_PORT);
    packet.setUint16(38, sender === "client" ? SERVER_PORT : CLIENT_PORT);
    packet.setUint32(40, sequence);
    packet.setUint32(44, flags & ACK ? this.#sent[sender === "client" ? "server" : "client"] : 0);
    packet.setUint8(48, 0x50);
    packet.setUint8(49, flags);
    packet.setUint16(50, 0xffff);
    this.#packets.push(concat(new Uint8Array(packet.buffer), payload));
  }
}
