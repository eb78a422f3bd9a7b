/** All handshake patterns of the Noise specification (revision 34), by name. */

import { type HandshakePattern, readPattern } from "./pattern.ts";

const PATTERNS: ReadonlyMap<string, string> = new Map([
  // One-way, section 7.4
  ["N", "<- s ... -> e es"],
  ["K", "-> s <- s ... -> e es ss"],
  ["X", "<- s ... -> e es s ss"],
  // Interactive, section 7.5
  ["NN", "-> e <- e ee"],
  ["NK", "<- s ... -> e es <- e ee"],
  ["NX", "-> e <- e ee s es"],
  ["KN", "-> s ... -> e <- e ee se"],
  ["KK", "-> s <- s ... -> e es ss <- e ee se"],
  ["KX", "-> s ... -> e <- e ee se s es"],
  ["XN", "-> e <- e ee -> s se"],
  ["XK", "<- s ... -> e es <- e ee -> s se"],
  ["XX", "-> e <- e ee s es -> s se"],
  ["IN", "-> e s <- e ee se"],
  ["IK", "<- s ... -> e es s ss <- e ee se"],
  ["IX", "-> e s <- e ee se s es"],
  // Deferred, section 18.1
  ["NK1", "<- s ... -> e <- e ee es"],
  ["NX1", "-> e <- e ee s -> es"],
  ["X1N", "-> e <- e ee -> s <- se"],
  ["X1K", "<- s ... -> e es <- e ee -> s <- se"],
  ["XK1", "<- s ... -> e <- e ee es -> s se"],
  ["X1K1", "<- s ... -> e <- e ee es -> s <- se"],
  ["X1X", "-> e <- e ee s es -> s <- se"],
  ["XX1", "-> e <- e ee s -> es s se"],
  ["X1X1", "-> e <- e ee s -> es s <- se"],
  ["K1N", "-> s ... -> e <- e ee -> se"],
  ["K1K", "-> s <- s ... -> e es <- e ee -> se"],
  ["KK1", "-> s <- s ... -> e <- e ee se es"],
  ["K1K1", "-> s <- s ... -> e <- e ee es -> se"],
  ["K1X", "-> s ... -> e <- e ee s es -> se"],
  ["KX1", "-> s ... -> e <- e ee se s -> es"],
  ["K1X1", "-> s ... -> e <- e ee s -> se es"],
  ["I1N", "-> e s <- e ee -> se"],
  ["I1K", "<- s ... -> e es s <- e ee -> se"],
  ["IK1", "<- s ... -> e s <- e ee se es"],
  ["I1K1", "<- s ... -> e s <- e ee es -> se"],
  ["I1X", "-> e s <- e ee s es -> se"],
  ["IX1", "-> e s <- e ee se s -> es"],
  ["I1X1", "-> e s <- e ee s -> se es"],
]);

/**
 * Returns the pattern with this name, which may have modifiers `psk0` to `psk4`. Throws `RangeError` if the name is unknown.
 */
export function handshakePattern(name: string): HandshakePattern {
  const [, base] = /^([A-Z1]+)(?:psk[0-4](?:\+psk[0-4])*)?$/.exec(name) ?? [];
  const notation = PATTERNS.get(base ?? "");
  if (notation === undefined) throw new RangeError(`no handshake pattern is called ${name}`);
  return readPattern(name, notation);
}
