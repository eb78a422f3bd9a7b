/** The fields of a configuration: one declaration checks a value and describes it in JSON Schema (draft 2020-12). */

import { messageOf } from "../command.ts";

/** A part of a JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** One kind of value. */
export interface Field {
  /** Returns the value, or throws an error that names `path`. */
  readonly check: (path: string, value: unknown) => unknown;
  /** The same rule as JSON Schema. */
  readonly schema: Schema;
}

/** The fields of an object. */
export interface Fields {
  readonly required: Readonly<Record<string, Field>>;
  readonly optional: Readonly<Record<string, Field>>;
}

/** The path of the whole configuration, which errors leave out before its fields. */
const ROOT = "the configuration";

/** Adds a description to a field, for editors to show. */
export function about(description: string, field: Field): Field {
  return { ...field, schema: { description, ...field.schema } };
}

/** Text that is not empty. */
export const text: Field = {
  check: (path, value) => {
    if (typeof value !== "string") throw new Error(`${path} is not a string`);
    if (value === "") throw new Error(`${path} is empty`);
    return value;
  },
  schema: { type: "string", minLength: 1 },
};

/** Text that `parse` accepts; `parse` is given the path, to name it in errors. */
export function parsedWithPath(parse: (text: string, path: string) => unknown): Field {
  return {
    check: (path, value) => {
      parse(String(text.check(path, value)), path);
      return value;
    },
    schema: text.schema,
  };
}

/** Text that `parse` accepts. */
export function parsed(parse: (text: string) => unknown): Field {
  return parsedWithPath((value, path) => {
    try {
      parse(value);
    } catch (error) {
      throw new Error(`${path}: ${messageOf(error)}`);
    }
  });
}

/** True or false. */
export const flag: Field = {
  check: (path, value) => {
    if (typeof value !== "boolean") throw new Error(`${path} is not true or false`);
    return value;
  },
  schema: { type: "boolean" },
};

/** A whole number within limits. */
export function integer(least: number, most: number): Field {
  return {
    check: (path, value) => {
      if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
        throw new Error(`${path} must be a whole number from ${least} to ${most}`);
      }
      return value;
    },
    schema: { type: "integer", minimum: least, maximum: most },
  };
}

/** One of a few words. */
export function oneOf(...choices: readonly string[]): Field {
  return {
    check: (path, value) => {
      if (!choices.includes(value as string)) throw new Error(`${path} is not one of ${choices.join(", ")}`);
      return value;
    },
    schema: { enum: choices },
  };
}

/** A list of at least `least` items. */
export function list(item: Field, least = 0): Field {
  return {
    check: (path, value) => {
      if (!Array.isArray(value)) throw new Error(`${path} is not a list`);
      if (value.length < least) throw new Error(`${path} is empty`);
      return value.map((one, index) => item.check(`${path}[${index}]`, one));
    },
    schema: { type: "array", items: item.schema, ...(least > 0 && { minItems: least }) },
  };
}

/** One item, or a list of at least one. */
export function oneOrList(item: Field): Field {
  const several = list(item, 1);
  return {
    check: (path, value) => (Array.isArray(value) ? several : item).check(path, value),
    schema: { anyOf: [item.schema, several.schema] },
  };
}

/** An object with these fields and no others. */
export function record(fields: Fields): Field {
  const { required, optional } = fields;
  const all = { ...required, ...optional };
  return {
    check: (path, value) => checkRecord(path, value, new Map(Object.entries(all)), Object.keys(required)),
    schema: {
      type: "object",
      properties: Object.fromEntries(Object.entries(all).map(([name, { schema }]) => [name, schema])),
      required: Object.keys(required),
      additionalProperties: false,
    },
  };
}

function checkRecord(
  path: string,
  value: unknown,
  fields: ReadonlyMap<string, Field>,
  required: readonly string[],
): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${path} is not an object`);
  }
  const inside = (name: string) => path === ROOT ? name : `${path}.${name}`;
  for (const name of required) {
    if (!Object.hasOwn(value, name)) throw new Error(`${inside(name)} is missing`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const field = fields.get(name);
      if (field === undefined) throw new Error(`unknown field ${inside(name)}`);
      return [name, field.check(inside(name), item)];
    }),
  );
}

/** Checks a whole configuration. */
export function checkFields(fields: Fields, value: unknown): unknown {
  return record(fields).check(ROOT, value);
}
