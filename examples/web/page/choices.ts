/** The choices of the page: a security setting, its key exchange, and what the client knows about the server. */
import { type ConnectSecurity, pin } from "@fesa/channel";
import type { ClientSettings, Expectations } from "../client_settings.ts";
import {
  CERTIFICATE_EXCHANGES,
  type Exchange,
  isRsa,
  KEY_EXCHANGES,
  NO_EXCHANGE,
  NOISE_EXCHANGE,
} from "./exchanges.ts";
import { fromHex } from "./format.ts";
import { LightSteps, NATIVE_SCRIPT, OFF_SCRIPT } from "./wire/light_steps.ts";
import type { StepReader } from "./wire/step.ts";
import { Tls12Steps } from "./wire/tls12_steps.ts";
import { Tls13Steps } from "./wire/tls13_steps.ts";

/** One of the settings. */
export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  /** At least one; the first is the default. */
  readonly exchanges: readonly Exchange[];
  readonly knowledge: readonly Knowledge[];
  /** Returns the client's options. */
  security(request: Request): ConnectSecurity;
  /** Reads the handshake off the wire. */
  steps(exchange: Exchange): StepReader;
}

/** The parts of the client's options. */
export interface Request {
  readonly known: Expectations;
  readonly knowledge: Knowledge;
  readonly exchange: Exchange;
  /** Receives the secrets of the session, if the setting has a key log. */
  readonly keyLog?: (line: string) => void;
}

/** What the client knows about the server: the truth, or something wrong, to show a refusal. */
export interface Knowledge {
  readonly id: string;
  readonly label: string;
  /** Which part of it is wrong. */
  readonly wrong?: keyof Expectations;
}

/** All of them, the strictest first. */
export const CHOICES: readonly Choice[] = [
  {
    id: "certificate",
    name: "certificate",
    summary: "TLS with certificates. The server proves its name.",
    exchanges: CERTIFICATE_EXCHANGES,
    knowledge: [
      { id: "right", label: "The right root and name" },
      { id: "roots", label: "Another root (refused)", wrong: "roots" },
      { id: "name", label: "Another name (refused)", wrong: "serverName" },
    ],
    security: ({ known: { roots, serverName }, exchange, keyLog }) => ({
      setting: "certificate",
      roots,
      serverName,
      ...exchange.options,
      ...(keyLog && { keyLog }),
    }),
    steps: (exchange) => isRsa(exchange) ? new Tls12Steps("x509") : new Tls13Steps(),
  },
  {
    id: "key",
    name: "key",
    summary: "TLS without certificates. The server proves its key.",
    exchanges: KEY_EXCHANGES,
    knowledge: [
      { id: "right", label: "The right pin" },
      { id: "pin", label: "Another pin (refused)", wrong: "pin" },
      { id: "anyone", label: "Nothing: trusts anyone" },
    ],
    security: ({ known, knowledge, exchange, keyLog }) => ({
      setting: "key",
      trust: knowledge.id === "anyone" ? "anyone" : pin(known.pin),
      ...exchange.options,
      ...(keyLog && { keyLog }),
    }),
    steps: (exchange) => isRsa(exchange) ? new Tls12Steps("raw") : new Tls13Steps(),
  },
  {
    id: "native",
    name: "native",
    summary: "Noise with ChaCha20, compressed. The least traffic.",
    exchanges: [NOISE_EXCHANGE],
    knowledge: [
      { id: "right", label: "The right key" },
      { id: "key", label: "Another key (refused)", wrong: "nativeKey" },
    ],
    security: ({ known }) => ({ setting: "native", serverKey: fromHex(known.nativeKey) }),
    steps: () => new LightSteps(NATIVE_SCRIPT),
  },
  {
    id: "off",
    name: "off",
    summary: "No protection: anyone on the network path can read.",
    exchanges: [NO_EXCHANGE],
    knowledge: [{ id: "right", label: "Nothing can be checked" }],
    security: () => ({ setting: "off" }),
    steps: () => new LightSteps(OFF_SCRIPT),
  },
];

/** The client's configuration for an exchange, with at most one part wrong. */
export function expectations(
  settings: ClientSettings,
  { options }: Exchange,
  { wrong }: Knowledge,
): Expectations {
  const known = { ...settings, ...(options.minimumKeyBits === 1024 && { pin: settings.weakPin }) };
  return wrong === undefined ? known : { ...known, [wrong]: settings.wrong[wrong] };
}
