/** Signed requests of ACME: JSON Web Signatures (RFC 7515) as restricted by RFC 8555 section 6.2. */

import { concat, toBase64Url, toUtf8 } from "../bytes.ts";
import { bigIntToBytes } from "../bigint.ts";
import { signEcdsa } from "../crypto/ec/ecdsa.ts";
import type { EcPrivateKey } from "../crypto/ec/keys.ts";
import { sha256 } from "../crypto/hash.ts";
import { hmac } from "../crypto/hmac.ts";
import { ecMembers } from "../crypto/jwk_members.ts";

/** A JWS in the flattened JSON serialization (RFC 7515 section 7.2.2). */
export interface Jws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

/** The public key of an account as a JSON Web Key (RFC 7517). Its members are in the order that a thumbprint requires. */
export interface AccountJwk {
  readonly crv: "P-256";
  readonly kty: "EC";
  readonly x: string;
  readonly y: string;
}

/** Returns the JSON Web Key of an account key. */
export function accountJwk(key: EcPrivateKey): AccountJwk {
  const { x, y } = ecMembers(key);
  return { crv: "P-256", kty: "EC", x, y };
}

/** Returns the thumbprint of an account key (RFC 7638 section 3), which key authorizations contain. */
export function thumbprint(key: EcPrivateKey): string {
  return toBase64Url(sha256(toUtf8(JSON.stringify(accountJwk(key)))));
}

/** Signs a payload with ES256; `null` stands for the empty payload of POST-as-GET (RFC 8555 section 6.3). */
export function signRequest(key: EcPrivateKey, header: object, payload: object | null): Jws {
  const [head, body] = [encodeJson({ alg: "ES256", ...header }), payload === null ? "" : encodeJson(payload)];
  const { r, s } = signEcdsa(key, "SHA-256", toUtf8(`${head}.${body}`));
  const signature = concat(bigIntToBytes(r, 32), bigIntToBytes(s, 32));
  return { protected: head, payload: body, signature: toBase64Url(signature) };
}

/** An existing account with the CA outside ACME, to which the ACME account is bound. */
export interface ExternalAccount {
  /** The key identifier that the CA gave. */
  readonly keyId: string;
  /** The MAC key that the CA gave, decoded from its base64url form. */
  readonly macKey: Uint8Array;
}

/** Binds an account key to an external account with HS256 (RFC 8555 section 7.3.4). */
export function bindExternalAccount(key: EcPrivateKey, url: string, { keyId, macKey }: ExternalAccount): Jws {
  const [head, body] = [encodeJson({ alg: "HS256", kid: keyId, url }), encodeJson(accountJwk(key))];
  const mac = hmac(sha256, macKey, toUtf8(`${head}.${body}`));
  return { protected: head, payload: body, signature: toBase64Url(mac) };
}

function encodeJson(value: object): string {
  return toBase64Url(toUtf8(JSON.stringify(value)));
}
