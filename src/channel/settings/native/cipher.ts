/** The cipher of the setting `native`. */

import type { CipherName } from "../../../noise/protocol.ts";
import type { NativeOptions } from "./options.ts";

/**
 * Returns the cipher that the options choose.
 *
 * @throws {TypeError} If it is unknown.
 */
export function cipherOf({ cipher = "ChaChaPoly" }: NativeOptions): CipherName {
  if (cipher !== "ChaChaPoly" && cipher !== "AESGCM") {
    throw new TypeError('the cipher of native must be "ChaChaPoly" or "AESGCM"');
  }
  return cipher;
}
