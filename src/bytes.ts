/** Byte arrays: joining, comparing, splitting, and conversion to and from text. */

/** An array without bytes. */
export const EMPTY: Uint8Array = new Uint8Array(0);

/** Joins arrays into a new array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return join(parts);
}

/** Joins a list of arrays into a new array. The list may be longer than the argument list of a call. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Returns whether two arrays are equal. The time depends only on the lengths. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));

/** Encodes as lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** Decodes hexadecimal in upper or lower case. Throws `RangeError` for other text. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || /[^0-9a-fA-F]/.test(text)) throw new RangeError("not hexadecimal");
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Encodes as base64 with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(binary);
}

/** Encodes as base64 for URLs, without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Decodes padded base64 without white space (RFC 4648 section 4). Throws `RangeError` for other text. */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new RangeError("not base64");
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Decodes base64 for URLs without padding (RFC 4648 section 5). Throws `RangeError` for other text. */
export function fromBase64Url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new RangeError("not base64url");
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return fromBase64(base64.padEnd(Math.ceil(base64.length / 4) * 4, "="));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Encodes text as UTF-8. */
export function toUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Decodes UTF-8. Throws `TypeError` if it is invalid. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Yields views of `size` bytes of an array. The last one may be shorter. */
export function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

/** Reads a list of arrays as if they were joined. */
export class PartReader {
  readonly #parts: readonly Uint8Array[];
  #index = 0;
  #offset = 0;
  /** The number of bytes left to read. */
  left = 0;

  constructor(parts: readonly Uint8Array[]) {
    this.#parts = parts;
    for (const { length } of parts) this.left += length;
  }

  /** Fills `target` with the next bytes. At least as many must be left. */
  read(target: Uint8Array): void {
    for (let filled = 0; filled < target.length;) {
      const part = this.#parts[this.#index];
      const room = target.length - filled;
      const whole = this.#offset === 0 && part.length <= room;
      const piece = whole ? part : part.subarray(this.#offset, this.#offset + room);
      target.set(piece, filled);
      filled += piece.length;
      this.#offset += piece.length;
      if (this.#offset < part.length) continue;
      this.#index++;
      this.#offset = 0;
    }
    this.left -= target.length;
  }
}
