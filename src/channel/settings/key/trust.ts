/** Trust in keys without certificates: pinned keys, trust on first use, the program's own check, or any key. */

import { wrongType } from "../../../check.ts";
import { ChannelError } from "../../../errors.ts";

/** The key that the peer showed. */
export interface PeerKey {
  /** `sha256:` and the base64 of the SHA-256 of the key's SubjectPublicKeyInfo (as in RFC 7469 section 2.4). */
  readonly pin: string;
  /** The key as SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

/** A check that decides which keys are trusted, and may remember them. */
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
 * The keys that are trusted in the setting `key`: those that a check such as {@link pin} or {@link firstUse} accepts, or any
 * key with `"anyone"`, which protects against eavesdropping but not against a man in the middle.
 */
export type KeyTrust = KeyCheck | "anyone";

/** The store in which {@link firstUse} remembers keys. Both methods may return a promise. */
export interface PinStore {
  /** Returns the pin that is stored under this name, or undefined. */
  get(name: string): string | undefined | Promise<string | undefined>;
  /** Stores a pin under this name. */
  set(name: string, pin: string): void | Promise<void>;
}

/** The form of a pin. 32 bytes end within the last character of their base64, so its last two bits are zero. */
const PIN = /^sha256:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/**
 * Returns a check that trusts only the keys with these pins. Pass several to change the server's key without an
 * interruption.
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
 * Returns a check for trust on first use. It trusts the first key under `name` (such as `"host:port"`) and stores it after
 * the handshake. From then on it trusts only that key; another key ends the handshake with a `key_changed` error that shows
 * both pins.
 *
 * @throws {TypeError} If the store or the name is missing.
 * @example
 * ```ts
 * import { firstUse, memoryPinStore } from "@fesa/channel";
 *
 * const security = { setting: "key", trust: firstUse(memoryPinStore(), "app.example:4433") } as const;
 * console.log(security.setting);
 * ```
 */
export function firstUse(store: PinStore, name: string): KeyCheck {
  if (typeof store?.get !== "function") throw wrongType("store", "a store of pins", store);
  if (typeof name !== "string") throw wrongType("name", "the name of a server", name);
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
    // The key is stored only after the handshake, so that an attacker cannot make this side store a key that the attacker
    // does not have. It is not stored if another connection has stored a key meanwhile.
    async remember(key: PeerKey): Promise<void> {
      if (await checkKnown(key)) return;
      await store.set(name, key.pin);
      await checkKnown(key); // another process may have stored a key meanwhile
    },
  };
}

/**
 * Returns a store in memory, which lasts as long as the program.
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
 * Returns a store in a browser's `localStorage` or any other `Storage`. Its entries have names that begin with `fesa-pin:`.
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
