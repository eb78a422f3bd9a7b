/** IP addresses from text; `ipText` in general_name.ts is the way back. */

/** The 4 or 16 bytes of an IPv4 or IPv6 address (RFC 4291 section 2.2, without a zone), undefined for other text. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const numbers = match?.slice(1);
  // A leading zero is octal to some and decimal to others: refused.
  if (numbers === undefined || numbers.some((number) => Number(number) > 255 || /^0./.test(number))) {
    return undefined;
  }
  return Uint8Array.from(numbers, Number);
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::").map((half, i, all) =>
    half === "" ? [] : groupsOf(half, i === all.length - 1)
  );
  if (halves.length > 2 || halves.includes(undefined)) return undefined;
  const [head, tail = []] = halves as number[][];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** Groups of 16 bits; at the end, 32 bits may be written as an IPv4 address. */
function groupsOf(text: string, atEnd: boolean): number[] | undefined {
  const parts = text.split(":");
  const ipv4 = atEnd ? parseIpv4(parts[parts.length - 1]) : undefined;
  if (ipv4 !== undefined) parts.pop();
  if (parts.some((part) => !/^[0-9A-Fa-f]{1,4}$/.test(part))) return undefined;
  const groups = parts.map((part) => parseInt(part, 16));
  if (ipv4 !== undefined) groups.push(ipv4[0] << 8 | ipv4[1], ipv4[2] << 8 | ipv4[3]);
  return groups;
}
