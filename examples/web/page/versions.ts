/** What changes between TLS 1.2 and TLS 1.3, in words for the page. */
import type { ChannelInfo } from "@fesa/channel";
import { bytesText } from "./format.ts";
import type { Step } from "./wire/step.ts";

/** The versions that are compared. */
export type Version = "TLS 1.2" | "TLS 1.3";

/** A handshake that succeeded: what it negotiated, and its messages. */
export interface SeenHandshake {
  readonly info: ChannelInfo;
  readonly steps: readonly Step[];
}

/** One thing that differs. */
export interface Difference {
  readonly name: string;
  /** What holds here for each version, before a handshake was seen. */
  readonly expected: Readonly<Record<Version, string>>;
  /** What a handshake showed. */
  readonly seen: (handshake: SeenHandshake) => string;
}

/** All of them. TLS 1.2 stands for FESA's RSA exchange: this page's server speaks TLS 1.3 to every other client. */
export const DIFFERENCES: readonly Difference[] = [
  {
    name: "Key exchange",
    expected: { "TLS 1.2": "RSA", "TLS 1.3": "ECDHE" },
    seen: ({ info: { group } }) => group ? `ECDHE: ${group}` : "RSA",
  },
  {
    name: "Cipher suite",
    expected: { "TLS 1.2": "AES or 3DES", "TLS 1.3": "AES or ChaCha20" },
    seen: ({ info: { cipherSuite } }) => cipherSuite,
  },
  {
    name: "Forward secrecy",
    expected: { "TLS 1.2": "none", "TLS 1.3": "yes" },
    seen: ({ info: { group } }) => group ? "yes" : "none",
  },
  {
    name: "A quantum computer, later",
    expected: { "TLS 1.2": "decrypts recorded sessions", "TLS 1.3": "resisted with X25519MLKEM768" },
    seen: ({ info: { group } }) =>
      group === "X25519MLKEM768" ? "does not help" : "decrypts recorded sessions",
  },
  {
    name: "The server proves its key",
    expected: { "TLS 1.2": "by its Finished", "TLS 1.3": "by a signature" },
    seen: ({ info: { signatureScheme } }) =>
      signatureScheme ? `by a signature: ${signatureScheme}` : "by its Finished",
  },
  {
    name: "Certificate or key on the wire",
    expected: { "TLS 1.2": "readable by anyone", "TLS 1.3": "encrypted" },
    seen: ({ steps }) =>
      steps.find(({ name }) => name === "Certificate")?.encrypted ? "encrypted" : "readable by anyone",
  },
  {
    name: "Round trips before the first message",
    expected: { "TLS 1.2": "2", "TLS 1.3": "1" },
    seen: ({ steps }) => String(roundTrips(steps)),
  },
  {
    name: "Size of the handshake",
    expected: { "TLS 1.2": "connect to measure", "TLS 1.3": "connect to measure" },
    seen: ({ info: { handshake } }) => bytesText(handshake.sent + handshake.received),
  },
  {
    name: "Encrypted part",
    expected: { "TLS 1.2": "both Finished", "TLS 1.3": "everything after ServerHello" },
    seen: ({ steps }) => {
      const [all, encrypted] = [steps, steps.filter((step) => step.encrypted)].map(sizeOf);
      return `${bytesText(encrypted)}, ${Math.round(100 * encrypted / all)} %`;
    },
  },
];

/** Counts round trips: how often a message from the server follows one from the client. */
function roundTrips(steps: readonly Step[]): number {
  return steps.filter(({ direction }, i) => direction === "received" && steps[i - 1]?.direction === "sent")
    .length;
}

function sizeOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
