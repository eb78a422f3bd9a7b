/** Checks arguments, for callers in plain JavaScript and for values that a type cannot describe. */

/** Describes the type of a value, for an error message. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name: unknown = value.constructor?.name;
  if (typeof name !== "string" || name === "Object" || name === "") return "an object";
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}

/** Returns the error for an option of the wrong type. The value may be a secret, so the error does not show it. */
export function wrongType(option: string, expected: string, value: unknown, hint = ""): TypeError {
  return new TypeError(`${option} must be ${expected}, not ${kindOf(value)}${hint && `: ${hint}`}`);
}

/** Returns the error for an option with a text or file in which nothing of its kind is found. */
export function containsNo(what: string, option: string, file: string | Uint8Array): TypeError {
  const hint = typeof file === "string" && !isPem(file) ? ": it must be a file's contents, not its name" : "";
  return new TypeError(`${option} contains no ${what}${hint}`);
}

/** Returns whether text looks like PEM, and not like the name of a file. */
export function isPem(text: string): boolean {
  return text.includes("-----BEGIN ");
}

/** Returns whether a value is a `Uint8Array` of any realm, as in Web IDL. A `Buffer` is a `Uint8Array`. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array ||
    ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}

/** Returns a `BufferSource` of any realm as a `Uint8Array` of this realm, or undefined for any other value. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  const isBuffer = /^\[object (?:Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));
  return isBuffer ? new Uint8Array(value as ArrayBuffer) : undefined;
}

/** Refuses options that are not an object. */
export function checkOptions(option: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrongType(option, "an object", value);
  }
}

/** The names of the options of a type, or of all types of a union. */
type NamesOf<T> = T extends unknown ? keyof T & string : never;

/** Refuses options with an unknown name. If `client` in place of `clients` were ignored, every client would be accepted. */
export function checkNames<T extends object>(
  option: string,
  value: T,
  known: Readonly<Record<NamesOf<T>, true>>,
): void {
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) throw new TypeError(`${option} has the unknown option ${unknown}`);
}

/** Refuses a value that is neither an AbortSignal nor undefined. */
export function checkSignal(signal: unknown): void {
  if (signal !== undefined && !(typeof signal === "object" && signal !== null && "aborted" in signal)) {
    throw wrongType("signal", "an AbortSignal", signal);
  }
}
