/** Formats numbers for people. */

/** `1,478 bytes`. */
export function bytesText(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "byte" : "bytes"}`;
}

/** `412 B`, `64.0 kB`, `1.25 MB`. */
export function sizeText(count: number): string {
  if (count < 1000) return `${count} B`;
  return count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(2)} MB`;
}

/** `11.2 ms`. */
export function millisecondsText(milliseconds: number): string {
  return `${milliseconds.toFixed(1)} ms`;
}

/** `23 November 2026`. */
export function dateText(date: Date): string {
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Parses what {@link hex} returns. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
