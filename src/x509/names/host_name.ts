/** DNS names of hosts, from text. */

/** Returns the labels of a DNS name in lower case, from the left; undefined where it is not one (RFC 1123, with `_`). */
export function hostLabels(name: string): string[] | undefined {
  if (name.length > 253) return undefined;
  const labels = name.split(".");
  // RFC 9525 section 4.1.2: what ends in a number is no DNS name but a spoilt IPv4 address.
  if (/^[0-9]+$/.test(labels[labels.length - 1])) return undefined;
  // Lower case comes last: some letters that are not ASCII have one that is.
  return labels.every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))
    ? labels.map((label) => label.toLowerCase())
    : undefined;
}
