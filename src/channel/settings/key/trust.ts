/** Which keys a client trusts without certificates: pinned keys, trust on first use, a check of its own, or any key. */

import { ChannelError } from "../../../errors.ts";

/** The key that the peer showed. */
export interface PeerKey {
  /** `sha256:` and the base64 of the SHA-256 of the key's SubjectPublicKeyInfo (as in RFC 7469 section 2.4). */
  readonly pin: string;
  /** The key as SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

/** Decides which keys are trusted, and may remember them. */
export interface KeyCheck {
  /**
   * Returns whether the key is trusted: `false` ends the handshake with an `untrusted` error, before any secret is sent. It
   * may ask the user, within the handshake's time limit.
   */
  check(key: PeerKey): boolean | Promise<boolean>;
  /** Called after the handshake, when the peer has proved that it holds the key. */
  remember?(key: PeerKey): void | Promise<void>;
}

/**
 * How the `key` setting trusts: a check such as {@link pin} or {@link firstUse}, or the word `"anyone"`, which protects
 * against eavesdropping but not against a man in the middle.
 */
export type KeyTrust = KeyCheck | "anyone";

/** Where {@link firstUse} remembers keys. Either method may return a promise. */
export interface PinStore {
  /** The pin remembered under this name, or undefined. */
  get(name: string): string | undefined | Promise<string | undefined>;
  /** Remembers a pin under this name. */
  set(name: string, pin: string): void | Promise<void>;
}

/** 32 bytes end within a character of base64, whose last two bits are zero. */
const PIN = /^sha256:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/**
 * Trusts exactly the keys with these pins. Give several to change keys without an interruption.
 *
 * @throws {TypeError} If there is no pin, or one is not `sha256:` followed by 44 characters of base64.
 * @example
 * ```ts
 * import { pin } from "@fesa/channel";
 *
 * const trust = pin("sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
 * const security = { setting: "key", trust } as const;
 * console.log(security.setting);
 * ```
 */
export function pin(...pins: string[]): KeyCheck {
  if (pins.length === 0) throw new TypeError("no pin given");
  for (const text of pins) {
    if (!PIN.test(text)) throw new TypeError("a pin must be sha256: followed by 44 characters of base64");
  }
  return {
    check(key: PeerKey): boolean {
      if (pins.includes(key.pin)) return true;
      throw new ChannelError(
        "untrusted",
        `the peer's key ${key.pin} is not among the pins: ${pins.join(", ")}`,
      );
    },
  };
}

/**
 * Trusts the first key seen under `name` (such as `"host:port"`) and remembers it in the store after its handshake. From
 * then on it trusts that key alone: another key ends the handshake with a `key_changed` error that shows both pins.
 *
 * @example
 * ```ts
 * import { firstUse, memoryPinStore } from "@fesa/channel";
 *
 * const security = { setting: "key", trust: firstUse(memoryPinStore(), "app.example:4433") } as const;
 * console.log(security.setting);
 * ```
 */
export function firstUse(store: PinStore, name: string): KeyCheck {
  const checkKnown = async (key: PeerKey): Promise<boolean> => {
    const known = await store.get(name);
    if (known === undefined) return false;
    if (known === key.pin) return true;
    throw new ChannelError(
      "key_changed",
      `the key of ${name} has changed: it was ${known}, it is ${key.pin}; if the server was given a new key, remove the old one from the store`,
    );
  };
  return {
    async check(key: PeerKey): Promise<boolean> {
      await checkKnown(key);
      return true;
    },
    // Only now: a key that an attacker shows but does not hold must not be remembered in place of the true one. And only if
    // no other connection was first meanwhile.
    async remember(key: PeerKey): Promise<void> {
      if (await checkKnown(key)) return;
      await store.set(name, key.pin);
      await checkKnown(key); // another process may have stored a key meanwhile
    },
  };
}

/**
 * A store that lasts as long as the program.
 *
 * @example
 * ```ts
 * import { type ConnectSecurity, firstUse, memoryPinStore } from "@fesa/channel";
 *
 * const store = memoryPinStore(); // for all connections of the program
 * const security: ConnectSecurity = { setting: "key", trust: firstUse(store, "app.example:4433") };
 * ```
 */
export function memoryPinStore(): PinStore {
  const pins = new Map<string, string>();
  return { get: (name) => pins.get(name), set: (name, value) => void pins.set(name, value) };
}

/** The part of the web's `Storage` that {@link webPinStore} uses. */
export interface WebStorage {
  /** Returns the value stored under the key. */
  getItem(key: string): string | null;
  /** Stores a value under the key. */
  setItem(key: string, value: string): void;
}

/**
 * A store in a browser's `localStorage` (or any `Storage`), under keys that begin with `fesa-pin:`.
 *
 * @example
 * ```ts ignore
 * import { type ConnectSecurity, firstUse, webPinStore } from "@fesa/channel";
 *
 * const trust = firstUse(webPinStore(localStorage), "app.example:4433");
 * const security: ConnectSecurity = { setting: "key", trust };
 * ```
 */
export function webPinStore(storage: WebStorage): PinStore {
  return {
    get: (name) => storage.getItem(`fesa-pin:${name}`) ?? undefined,
    set: (name, value) => storage.setItem(`fesa-pin:${name}`, value),
  };
}
