/** The named groups, and how callers choose among them. */

import { secp256r1, secp384r1, secp521r1, x25519 } from "./diffie_hellman.ts";
import { x25519MlKem768 } from "./hybrid.ts";
import type { NamedGroup, NamedGroupName } from "./named_group.ts";

/** The groups that are used unless others are chosen, the most preferred first; there are no more. */
export const NAMED_GROUPS: readonly NamedGroup[] = [x25519MlKem768, x25519, secp256r1, secp384r1, secp521r1];

/**
 * Returns the groups with these names, in the same order.
 *
 * @throws {TypeError} If a name is unknown, or the list is empty.
 */
export function groupsByName(names: readonly NamedGroupName[]): readonly NamedGroup[] {
  if (names.length === 0) throw new TypeError("groups is empty");
  return names.map((name) => {
    const group = NAMED_GROUPS.find((group) => group.name === name);
    if (group === undefined) throw new TypeError(`unknown named group "${name}"`);
    return group;
  });
}
