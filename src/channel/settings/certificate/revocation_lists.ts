/** Reads revocation lists from options. This module is loaded only if there are any. */

import { containsNo, isBytes, wrongType } from "../../../check.ts";
import { parseRevocationLists, type RevocationList } from "../../../x509/revocation/list.ts";
import { itemsOf } from "../tls/sources.ts";
import type { RevocationListSource } from "./options.ts";

/** Returns the revocation lists of an option. */
export function revocationListsOf(given: RevocationListSource): readonly RevocationList[] {
  return itemsOf(given).flatMap((item) => {
    if (typeof item === "string" || isBytes(item)) {
      const lists = parseRevocationLists(item);
      // No list most likely means a wrong file, with which no certificate would be found to be revoked.
      if (lists.length === 0) throw containsNo("revocation list", "crls", item);
      return lists;
    }
    if (typeof item !== "object" || item === null || !("tbs" in item && "thisUpdate" in item)) {
      throw wrongType("crls", "revocation lists: objects, or PEM as text or bytes", item);
    }
    return [item];
  });
}
