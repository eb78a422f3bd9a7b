/** What a person can choose: a security setting, and what the client knows of the server. */
import { type ConnectSecurity, pin } from "@fesa/channel";
import type { ClientSettings, Expectations } from "../client_settings.ts";
import { fromHex } from "./format.ts";
import { LightSteps, NATIVE_SCRIPT, OFF_SCRIPT } from "./wire/light_steps.ts";
import type { StepReader } from "./wire/step.ts";
import { TlsSteps } from "./wire/tls_steps.ts";

/** One of the settings. */
export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly knowledge: readonly Knowledge[];
  /** What to ask for, with what the client knows. */
  security(known: Expectations, knowledge: Knowledge): ConnectSecurity;
  /** Reads the handshake off the wire. */
  steps(): StepReader;
}

/** What the client knows of the server: the truth, or something else, so that a refusal can be seen. */
export interface Knowledge {
  readonly id: string;
  readonly label: string;
  /** What of it is wrong. */
  readonly wrong?: keyof Expectations;
}

const PINS: readonly Knowledge[] = [
  { id: "right", label: "The right pin" },
  { id: "pin", label: "Another pin (refused)", wrong: "pin" },
  { id: "anyone", label: "Nothing: trusts anyone" },
];

/** All of them, the strictest first. */
export const CHOICES: readonly Choice[] = [
  {
    id: "certificate",
    name: "certificate",
    summary: "TLS 1.2 with AES-256. The server proves its name.",
    knowledge: [
      { id: "right", label: "The right root and name" },
      { id: "roots", label: "Another root (refused)", wrong: "roots" },
      { id: "name", label: "Another name (refused)", wrong: "serverName" },
    ],
    security: ({ roots, serverName }) => ({ setting: "certificate", roots, serverName }),
    steps: () => new TlsSteps(),
  },
  {
    id: "key",
    name: "key",
    summary: "TLS 1.2 with AES-256. The server proves its key.",
    knowledge: PINS,
    security: (known, knowledge) => ({ setting: "key", trust: keyTrust(known, knowledge) }),
    steps: () => new TlsSteps(),
  },
  {
    id: "3des",
    name: "key with 3DES",
    summary: "TLS 1.2 with 3DES-192, for systems that need it.",
    knowledge: PINS,
    security: (known, knowledge) => ({
      setting: "key",
      trust: keyTrust(known, knowledge),
      keyExchange: "RSA",
      algorithm: "3DES",
    }),
    steps: () => new TlsSteps(),
  },
  {
    id: "native",
    name: "native",
    summary: "Noise with ChaCha20, compressed. The least traffic.",
    knowledge: [
      { id: "right", label: "The right key" },
      { id: "key", label: "Another key (refused)", wrong: "nativeKey" },
    ],
    security: ({ nativeKey }) => ({ setting: "native", serverKey: fromHex(nativeKey) }),
    steps: () => new LightSteps(NATIVE_SCRIPT),
  },
  {
    id: "off",
    name: "off",
    summary: "No protection: anybody on the way can read.",
    knowledge: [{ id: "right", label: "Nothing can be checked" }],
    security: () => ({ setting: "off" }),
    steps: () => new LightSteps(OFF_SCRIPT),
  },
];

/** What the client is configured with, one thing of which may be wrong. */
export function expectations(settings: ClientSettings, { wrong }: Knowledge): Expectations {
  return wrong === undefined ? settings : { ...settings, [wrong]: settings.wrong[wrong] };
}

function keyTrust({ pin: known }: Expectations, { id }: Knowledge) {
  return id === "anyone" ? "anyone" : pin(known);
}
