/** Reads this side's key and certificates from options. Clients load this module only if they have credentials. */

import { containsNo, isBytes, isPem, wrongType } from "../../../check.ts";
import type { Credentials } from "../../../tls/credentials/credentials.ts";
import { parsePrivateKey } from "../../../x509/keys/key_file.ts";
import { certificatesOf } from "./sources.ts";
import type { OwnKey } from "./options.ts";

/** Returns this side's credentials: its key, and the certificates for the key. */
export function ownCredentials({ key, certificates }: OwnKey): Credentials {
  return {
    key: privateKeyOf(key),
    certificates: certificates === undefined ? undefined : certificatesOf(certificates, "certificates"),
  };
}

function privateKeyOf(key: OwnKey["key"]): Credentials["key"] {
  if (typeof key === "string" && !isPem(key)) throw containsNo("private key", "key", key);
  if (typeof key === "string" || isBytes(key)) return parsePrivateKey(key);
  if (typeof key !== "object" || key === null || !("type" in key)) {
    throw wrongType("key", "a private key: an object, or PEM as text or bytes", key);
  }
  return key;
}
