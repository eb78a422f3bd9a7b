/** Parses DNS names of hosts. */

/**
 * Returns the labels of a DNS name in lower case, from the left, or undefined if it is not a DNS name (RFC 1123, but `_` is
 * allowed).
 */
export function hostLabels(name: string): string[] | undefined {
  if (name.length > 253) return undefined;
  const labels = name.split(".");
  // RFC 9525 section 4.1.2: a name whose last label is a number is a malformed IPv4 address, not a DNS name.
  if (/^[0-9]+$/.test(labels[labels.length - 1])) return undefined;
  // The check must come before the conversion, because some letters outside ASCII have a lower case in ASCII.
  return labels.every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))
    ? labels.map((label) => label.toLowerCase())
    : undefined;
}
