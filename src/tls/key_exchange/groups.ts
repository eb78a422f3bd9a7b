/** The named groups, and how callers choose among them. */

import type { TlsOperations } from "../../crypto/operations.ts";
import { diffieHellmanGroups } from "./diffie_hellman.ts";
import { hybridGroup } from "./hybrid.ts";
import type { NamedGroup, NamedGroupName } from "./named_group.ts";

/** Returns every group, the most preferred first, by these operations. */
export function namedGroups(operations: TlsOperations): readonly NamedGroup[] {
  const [x25519, ...nistCurves] = diffieHellmanGroups(operations);
  return [hybridGroup(operations.mlKem768, x25519), x25519, ...nistCurves];
}

/**
 * Returns the groups with these names, in the same order, by these operations; every group by default.
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
