/** IP addresses and ranges: conversion between text and bytes. */

/**
 * Parses an IPv4 or IPv6 address (RFC 4291 section 2.2, without a zone). Returns 4 or 16 bytes, or undefined for other text.
 */
export function parseIpAddress(text: string): Uint8Array | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const numbers = match?.slice(1);
  // A leading zero is refused, because some programs read such a number as octal and others as decimal.
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

/** Parses groups of 16 bits. The last 32 bits may be written as an IPv4 address. */
function groupsOf(text: string, atEnd: boolean): number[] | undefined {
  const parts = text.split(":");
  const ipv4 = atEnd ? parseIpv4(parts[parts.length - 1]) : undefined;
  if (ipv4 !== undefined) parts.pop();
  if (parts.some((part) => !/^[0-9A-Fa-f]{1,4}$/.test(part))) return undefined;
  const groups = parts.map((part) => parseInt(part, 16));
  if (ipv4 !== undefined) groups.push(ipv4[0] << 8 | ipv4[1], ipv4[2] << 8 | ipv4[3]);
  return groups;
}

/** Formats an address: 4 bytes with dots, 16 with colons (RFC 5952). */
export function formatIpAddress(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, i) => (address[2 * i] << 8 | address[2 * i + 1]).toString(16));
  const text = `:${groups.join(":")}:`;
  // RFC 5952 section 4.2: the first of the longest runs of two or more zero groups is shortened.
  const runs = text.match(/(?::0(?=:)){2,}:/g) ?? [];
  const longest = runs.reduce((best, run) => run.length > best.length ? run : best, "");
  const shortened = longest === "" ? text : text.replace(longest, "::");
  return shortened.replace(/^:(?!:)|(?<!:):$/g, "");
}

/** A range of addresses that have the first `bits` in common. */
export interface IpRange {
  readonly address: Uint8Array;
  readonly bits: number;
}

/** Parses a range such as `10.0.0.0/8` or `2001:db8::/32`, or a single address. Returns undefined for other text. */
export function parseIpRange(text: string): IpRange | undefined {
  const match = /^([^\/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text);
  const address = match === null ? undefined : parseIpAddress(match[1]);
  if (address === undefined) return undefined;
  const most = 8 * address.length;
  const bits = Number(match![2] ?? most);
  return bits <= most ? { address, bits } : undefined;
}

/** Returns whether an address is in a range. An address of the other family is not. */
export function isInRange(address: Uint8Array, range: IpRange): boolean {
  const { address: first, bits } = range;
  if (address.length !== first.length) return false;
  return first.every((byte, i) => {
    const mask = 0xff << Math.min(8, Math.max(0, 8 * (i + 1) - bits)) & 0xff;
    return (byte & mask) === (address[i] & mask);
  });
}

/** Returns the 4 bytes of an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2), and other addresses unchanged. */
export function unmapped(address: Uint8Array): Uint8Array {
  const isMapped = address.length === 16 &&
    address.subarray(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
  return isMapped ? address.subarray(12) : address;
}
