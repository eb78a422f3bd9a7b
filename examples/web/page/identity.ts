/** Compares the server's identity with what the client knows, in words for the page. */
import type { CertificateError } from "@fesa/channel";
import {
  type Certificate,
  describeCertificate,
  matchesName,
  parseCertificate,
  parseCertificates,
  parsePublicKey,
  pinOf,
  type PublicKey,
  verifyCertificate,
} from "@fesa/channel/x509";
import type { Expectations } from "../client_settings.ts";
import type { Choice, Knowledge } from "./choices.ts";
import { type Exchange, isRsa } from "./exchanges.ts";
import { dateText } from "./format.ts";

/** A check of the client, and its outcome. */
export interface Check {
  readonly name: string;
  readonly detail: string;
  readonly outcome: "passed" | "failed" | "open";
}

/** A name and a value. */
export type Fact = readonly [name: string, value: string];

/** A certificate of the chain. */
export interface ShownCertificate {
  readonly subject: string;
  readonly role: string;
  readonly facts: readonly Fact[];
  /** Its whole description, in lines. */
  readonly text: string;
}

/** A server, as the page shows it. */
export interface Identity {
  readonly title: string;
  readonly verdict: string;
  readonly trusted: "good" | "bad" | "unknown";
  readonly checks: readonly Check[];
  readonly facts: readonly Fact[];
  readonly certificates: readonly ShownCertificate[];
}

/** What is known about an attempt when it has ended. */
export interface Attempt {
  readonly choice: Choice;
  readonly exchange: Exchange;
  readonly knowledge: Knowledge;
  readonly known: Expectations;
  /** The content of the Certificate message, if there was one: certificates, or a public key. */
  readonly shown: readonly Uint8Array[] | undefined;
  readonly connected: boolean;
}

/** Describes the server; undefined if it showed nothing. */
export function identityOf(attempt: Attempt): Identity | undefined {
  const { choice, shown, connected } = attempt;
  if (choice.id === "off") return connected ? nobody() : undefined;
  if (choice.id === "native") return native(attempt);
  if (shown === undefined) return undefined;
  return choice.id === "certificate" ? certified(attempt, shown) : keyed(attempt, shown);
}

function certified({ exchange, known, connected }: Attempt, shown: readonly Uint8Array[]): Identity {
  const chain = shown.map(parseCertificate);
  const roots = parseCertificates(known.roots);
  const [own] = chain;
  return {
    title: own.subject.commonName ?? String(own.subject),
    verdict: connected ? "verified" : "refused",
    trusted: connected ? "good" : "bad",
    checks: [
      chainCheck(chain, roots),
      nameCheck(own, known.serverName),
      validityCheck(chain),
      {
        name: "Strength",
        detail: `${keyText(own.publicKey)}; at least 2048 are required.`,
        outcome: "n" in own.publicKey && bits(own.publicKey.n) >= 2048 ? "passed" : "failed",
      },
      possession(exchange, connected),
      forwardSecrecy(exchange, connected),
      {
        name: "Revocation",
        detail: "The server stapled no OCSP response, and the client has no list.",
        outcome: "open",
      },
    ],
    facts: [],
    certificates: [
      ...chain.map((certificate, depth) =>
        shownCertificate(certificate, depth === 0 ? "the server's" : "sent with it")
      ),
      ...roots.map((root) => shownCertificate(root, "the root that this client trusts")),
    ],
  };
}

/** The library refuses at the first failure; here each check is done separately. */
function chainCheck(chain: readonly Certificate[], roots: readonly Certificate[]): Check {
  const name = "Chain";
  try {
    const { certificates } = verifyCertificate(chain, { roots });
    const path = certificates.map(({ subject }) => subject.commonName).join(" → ");
    return { name, detail: `Each is signed by the next: ${path}.`, outcome: "passed" };
  } catch (error) {
    const { reason, message } = error as CertificateError;
    return { name, detail: `${reason}: ${message}.`, outcome: "failed" };
  }
}

function nameCheck(own: Certificate, serverName: string): Check {
  const names = (own.extensions.subjectAltName ?? []).map(({ value }) => String(value)).join(", ");
  return matchesName(own, serverName)
    ? { name: "Name", detail: `It is for ${serverName}, as asked.`, outcome: "passed" }
    : { name: "Name", detail: `It is for ${names}, and ${serverName} was asked for.`, outcome: "failed" };
}

function validityCheck(chain: readonly Certificate[]): Check {
  const now = Date.now();
  const valid = chain.every(({ notBefore, notAfter }) => +notBefore <= now && now <= +notAfter);
  const detail = `Until ${dateText(chain[0].notAfter)}.`;
  return { name: "Validity", detail, outcome: valid ? "passed" : "failed" };
}

function keyed(
  { exchange, known, knowledge, connected }: Attempt,
  [spki]: readonly Uint8Array[],
): Identity {
  const anyone = knowledge.id === "anyone";
  const pin = pinOf(spki);
  const checks: Check[] = [
    anyone
      ? { name: "Pin", detail: "None is known. A man in the middle would be accepted.", outcome: "open" }
      : {
        name: "Pin",
        detail: pin === known.pin ? "The key is the one that was pinned." : `The pin is ${known.pin}.`,
        outcome: pin === known.pin ? "passed" : "failed",
      },
    possession(exchange, connected),
    forwardSecrecy(exchange, connected),
  ];
  return {
    title: "A public key, without a certificate",
    verdict: !connected ? "refused" : anyone ? "not verified" : "verified",
    trusted: !connected ? "bad" : anyone ? "unknown" : "good",
    checks,
    facts: [["Key", keyText(parsePublicKey(spki))], ["Pin", pin]],
    certificates: [],
  };
}

function native({ known, connected }: Attempt): Identity {
  return {
    title: "An X25519 key, pinned",
    verdict: connected ? "verified" : "refused",
    trusted: connected ? "good" : "bad",
    checks: [
      {
        name: "Possession",
        detail: connected
          ? "Only the holder of the pinned key could make message 2."
          : "The server does not hold the pinned key, and says so.",
        outcome: connected ? "passed" : "failed",
      },
      freshKeys(connected),
    ],
    facts: [["Pinned key", known.nativeKey]],
    certificates: [],
  };
}

function nobody(): Identity {
  return {
    title: "Unknown server",
    verdict: "not verified",
    trusted: "unknown",
    checks: [
      { name: "Identity", detail: "Not verified: any server that answers is accepted.", outcome: "open" },
      {
        name: "Secrecy",
        detail: "Anyone on the network path can read and change every byte.",
        outcome: "open",
      },
    ],
    facts: [],
    certificates: [],
  };
}

function possession(exchange: Exchange, connected: boolean): Check {
  const proof = isRsa(exchange) ? "Finished" : "signature";
  return {
    name: "Possession",
    detail: connected
      ? `Its ${proof} shows that the server holds the private key.`
      : "The attempt ended before the handshake was complete.",
    outcome: connected ? "passed" : "open",
  };
}

function forwardSecrecy(exchange: Exchange, connected: boolean): Check {
  if (!isRsa(exchange)) return freshKeys(connected);
  const detail = "None: anyone who later obtains the server's key can decrypt recorded traffic.";
  return { name: "Forward secrecy", detail, outcome: "open" };
}

function freshKeys(connected: boolean): Check {
  return {
    name: "Forward secrecy",
    detail: "Both sides used fresh keys: the server's key does not help to decrypt recorded traffic later.",
    outcome: connected ? "passed" : "open",
  };
}

function shownCertificate(certificate: Certificate, role: string): ShownCertificate {
  const { subject, issuer, notBefore, notAfter, publicKey, fingerprint, pin } = certificate;
  return {
    subject: subject.commonName ?? String(subject),
    role,
    facts: [
      ["Subject", String(subject)],
      ["Issuer", String(issuer)],
      ["Valid", `${dateText(notBefore)} to ${dateText(notAfter)}`],
      ["Key", keyText(publicKey)],
      ["Fingerprint", fingerprint],
      ["Pin", pin],
    ],
    text: describeCertificate(certificate),
  };
}

function keyText(key: PublicKey): string {
  return "n" in key ? `RSA, ${bits(key.n)} bits` : key.type;
}

function bits(modulus: bigint): number {
  return modulus.toString(2).length;
}
