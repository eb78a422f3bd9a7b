/** Checks the keys and secrets that callers pass. */

import { checkOptions, isBytes, wrongType } from "../check.ts";
import { KEY_LENGTH } from "./cipher_state.ts";

/** The keys and secrets that a caller may pass to either side. */
interface GivenKeys {
  readonly secret?: unknown;
  readonly serverKey?: unknown;
  readonly keyPair?: unknown;
  readonly trust?: unknown;
}

/**
 * Refuses an invalid key or secret. Keys and secrets may be omitted.
 *
 * @throws {TypeError} If it is not a Uint8Array, or if only `secret` is given and it is `undefined`.
 * @throws {RangeError} If it does not have 32 bytes.
 */
export function checkKeys(given: GivenKeys): void {
  const { secret, serverKey, keyPair, trust } = given;
  const isNamed = "secret" in given && [serverKey, keyPair, trust].every((other) => other === undefined);
  if (isNamed || secret !== undefined) {
    const hint =
      "decode its hexadecimal, or derive it from a passphrase by deriveSecret of @fesa/channel/noise";
    checkKey("secret", secret, hint);
  }
  if (serverKey !== undefined) checkKey("serverKey", serverKey, "decode the base64 after x25519:");
  if (keyPair === undefined) return;
  checkOptions("keyPair", keyPair);
  const { publicKey, secretKey } = keyPair as { publicKey?: unknown; secretKey?: unknown };
  checkKey("keyPair.publicKey", publicKey);
  checkKey("keyPair.secretKey", secretKey);
}

/** Refuses an invalid key or secret. `hint` is added to the error for callers who pass text. */
export function checkKey(option: string, key: unknown, hint = ""): void {
  if (!isBytes(key)) {
    throw wrongType(option, "a Uint8Array of 32 bytes", key, typeof key === "string" ? hint : "");
  }
  if (key.length !== KEY_LENGTH) {
    throw new RangeError(`${option} has ${key.length} bytes instead of ${KEY_LENGTH}`);
  }
}
