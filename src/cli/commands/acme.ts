/** `fesa acme`: gets a certificate from a CA by ACME. */

import { keepCertificate, type KeptCertificate } from "../acme/certificate.ts";
import { ACME_OPTIONS, acmeFromArguments } from "../acme/config.ts";
import { type Command, printResult } from "../command.ts";
import { certificateJson, day, namesOf } from "../credentials/describe.ts";
import { JSON_OPTION } from "../options.ts";

const TYPES = ["p256", "p384", "rsa"] as const;

/** Gets a certificate, or renews it if that is due; run it daily. */
export const acme: Command = {
  name: "acme",
  summary: "get a certificate from a public CA, or renew it if that is due",
  usage: [
    "--domain NAME --agree-tos [--email ADDRESS] [--http-listen HOST:PORT | --webroot DIR]",
    "--domain '*.NAME' --agree-tos --dns-hook PROGRAM",
  ],
  examples: [
    "--domain app.example --agree-tos --webroot /var/www/html",
    "--domain '*.app.example' --agree-tos --dns-hook ./set-txt-record",
  ],
  options: {
    ...ACME_OPTIONS,
    key: {
      type: "string",
      value: "FILE",
      help: "the certificate's private key, made if it is missing; key.pem by default",
    },
    type: {
      type: "string",
      value: "p256|p384|rsa",
      choices: TYPES,
      help: "the kind of a new key; p256 by default",
    },
    out: { type: "string", value: "FILE", help: "a file for the certificate chain; chain.pem by default" },
    force: { type: "boolean", help: "get a new certificate even if renewal is not due" },
    json: JSON_OPTION,
  },
  async run(args, io) {
    const config = acmeFromArguments(args);
    const out = args.text("out") ?? "chain.pem";
    const files = { key: args.text("key") ?? "key.pem", certificate: out };
    const keyType = args.choice("type", TYPES) ?? "p256";
    const kept = await keepCertificate(config, files, { keyType, force: args.flag("force") }, io);
    await printResult(args, io, json(kept), `${out}: ${summary(kept)}`);
    return 0;
  },
};

function summary({ certificate, isNew, renewal }: KeptCertificate): string {
  const names = namesOf(certificate.extensions.subjectAltName).join(", ");
  const state = isNew ? "a new certificate" : "the certificate is current";
  return `${state}, for ${names}, until ${day(certificate.notAfter)}; renew after ${day(renewal.at)}`;
}

function json({ certificate, isNew, renewal }: KeptCertificate): Record<string, unknown> {
  return { isNew, renewAfter: renewal.at.toISOString(), ...certificateJson(certificate) };
}
