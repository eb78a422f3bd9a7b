/** The named groups, and selecting them by name. */

import type { TlsOperations } from "../../crypto/operations.ts";
import { diffieHellmanGroups } from "./diffie_hellman.ts";
import { hybridGroup } from "./hybrid.ts";
import type { NamedGroup, NamedGroupName } from "./named_group.ts";

/** Returns all groups, the most preferred first. They use the given cryptographic operations. */
export function namedGroups(operations: TlsOperations): readonly NamedGroup[] {
  const [x25519, ...nistCurves] = diffieHellmanGroups(operations);
  return [hybridGroup(operations.mlKem768, x25519), x25519, ...nistCurves];
}

/**
 * Returns the groups with these names, in the same order, or all groups by default. They use the given cryptographic
 * operations.
 *
 * @throws {TypeError} If a name is unknown, or the list is empty.
 */
export function groupsByName(
  names: readonly NamedGroupName[] | undefined,
  operations: TlsOperations,
): readonly NamedGroup[] {
  const known = namedGroups(operations);
  if (names === undefined) return known;
  if (names.length === 0) throw new TypeError("groups is empty");
  return names.map((name) => {
    const group = known.find((group) => group.name === name);
    if (group === undefined) throw new TypeError(`unknown named group "${name}"`);
    return group;
  });
}
