/** Checks the names of the options of `native`. */

import { checkNames } from "../../../check.ts";
import type { NativeClient, NativeServer } from "./options.ts";

const COMMON = {
  setting: true,
  cipher: true,
  compression: true,
  dictionary: true,
  secret: true,
  keyPair: true,
  trust: true,
} as const;

/** Refuses options of a client with an unknown name. */
export function checkClientNames(security: NativeClient): void {
  checkNames("security", security, { ...COMMON, serverKey: true, known: true });
}

/** Refuses options of a server with an unknown name. */
export function checkServerNames(offer: NativeServer): void {
  checkNames("security[…]", offer, { ...COMMON, clientKeys: true });
}
