/** Reads the JSON of an ACME server's answers, member by member, and checks the types. */

import { AcmeError } from "./problem.ts";

/** Parses a text. Returns undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An object of an answer, whose members are read with their types. */
export class AcmeObject {
  readonly #name: string;
  readonly #members: Readonly<Record<string, unknown>>;

  /** Reads the JSON text of the object called `name`. */
  static parse(name: string, text: string): AcmeObject {
    return new AcmeObject(name, parseJson(text));
  }

  constructor(name: string, value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new AcmeError(`the ACME server's ${name} is not a JSON object`);
    }
    this.#name = name;
    this.#members = value as Record<string, unknown>;
  }

  /** Returns a member of any type, or undefined if it is missing. */
  raw(member: string): unknown {
    return Object.hasOwn(this.#members, member) ? this.#members[member] : undefined;
  }

  /** Returns a member that must be a string, or undefined if it is missing. */
  optionalText(member: string): string | undefined {
    const value = this.raw(member);
    if (value === undefined) return undefined;
    if (typeof value !== "string") throw this.#wrong(member);
    return value;
  }

  /** Returns a member that must be a string. */
  text(member: string): string {
    const value = this.optionalText(member);
    if (value === undefined) throw this.#wrong(member);
    return value;
  }

  /** Returns a member that must be an array. */
  list(member: string): readonly unknown[] {
    const value = this.raw(member);
    if (!Array.isArray(value)) throw this.#wrong(member);
    return value;
  }

  /** Returns a member that must be an object. */
  object(member: string): AcmeObject {
    return new AcmeObject(member, this.raw(member));
  }

  #wrong(member: string): AcmeError {
    return new AcmeError(`the ACME server's ${this.#name} has no usable "${member}"`);
  }
}
