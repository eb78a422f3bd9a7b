/** The options that say from which CA a certificate comes, for which names, and how they are shown to be controlled. */

import type { ExternalAccount } from "../../acme/mod.ts";
import { parseAlternativeName } from "../../x509/names/alternative_name.ts";
import { fromBase64 } from "../../bytes.ts";
import { type Arguments, type Option, usage, UsageError } from "../command.ts";
import { readTextFile } from "../files.ts";
import type { SolverConfig } from "./solver.ts";

/** What is asked of which CA. */
export interface AcmeConfig {
  readonly domains: readonly string[];
  readonly directory: string | undefined;
  readonly email: string | undefined;
  readonly agreeToTerms: boolean;
  readonly externalAccount: ExternalAccount | undefined;
  readonly solver: SolverConfig;
}

/** The options of every command that gets a certificate by ACME. */
export const ACME_OPTIONS: Readonly<Record<string, Option>> = {
  domain: {
    type: "string",
    multiple: true,
    value: "NAME",
    help: "a name of the server; several with commas",
  },
  directory: {
    type: "string",
    value: "URL",
    help: "the CA's ACME directory; Let's Encrypt's by default",
  },
  email: { type: "string", value: "ADDRESS", help: "where the CA may write to" },
  "agree-tos": { type: "boolean", help: "agree to the CA's terms of service" },
  "eab-kid": {
    type: "string",
    value: "ID",
    help: "the key identifier of an account that the CA keeps elsewhere",
  },
  "eab-key-file": { type: "string", value: "FILE", help: "its MAC key, as base64url, in a file" },
  "http-listen": {
    type: "string",
    value: "HOST:PORT",
    help: "answer http-01 here, which the CA has to reach as port 80; 0.0.0.0:80 by default",
  },
  webroot: { type: "string", value: "DIR", help: "write http-01's answers into this folder of a web server" },
  "dns-hook": {
    type: "string",
    value: "PROGRAM",
    help: "set dns-01's records by PROGRAM set|clear NAME VALUE; needed for wildcards",
  },
};

/** Reads those options. */
export async function acmeConfig(args: Arguments): Promise<AcmeConfig> {
  const domains = args.list("domain").flatMap((list) => list.split(",")).map((name) => name.trim());
  if (domains.length === 0) throw new UsageError("--domain is missing");
  for (const name of domains) {
    const { type } = usage("domain", () => parseAlternativeName(name));
    if (type !== "dns" && type !== "ip") {
      throw new UsageError(`--domain is a DNS name or an IP address, not ${name}`);
    }
  }
  const directory = args.text("directory");
  if (directory !== undefined && !URL.canParse(directory)) throw new UsageError("--directory is not a URL");
  const solver = solverConfig(args);
  if (domains.some((name) => name.startsWith("*.")) && !("dnsHook" in solver)) {
    throw new UsageError("a wildcard needs --dns-hook");
  }
  return {
    domains,
    directory,
    email: args.text("email"),
    agreeToTerms: args.flag("agree-tos"),
    externalAccount: await externalAccount(args),
    solver,
  };
}

function solverConfig(args: Arguments): SolverConfig {
  const [httpListen, webroot, dnsHook] = ["http-listen", "webroot", "dns-hook"].map((name) =>
    args.text(name)
  );
  if ([httpListen, webroot, dnsHook].filter((one) => one !== undefined).length > 1) {
    throw new UsageError("--http-listen, --webroot and --dns-hook exclude each other");
  }
  if (webroot !== undefined) return { webroot };
  if (dnsHook !== undefined) return { dnsHook };
  return { httpListen: httpListen ?? "0.0.0.0:80" };
}

async function externalAccount(args: Arguments): Promise<ExternalAccount | undefined> {
  const [keyId, file] = [args.text("eab-kid"), args.text("eab-key-file")];
  if (keyId === undefined && file === undefined) return undefined;
  if (keyId === undefined || file === undefined) {
    throw new UsageError("--eab-kid and --eab-key-file go together");
  }
  const text = (await readTextFile(file)).trim().replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
  try {
    return { keyId, macKey: fromBase64(text.padEnd(Math.ceil(text.length / 4) * 4, "=")) };
  } catch {
    throw new Error(`${file}: a MAC key is written as base64url`);
  }
}
