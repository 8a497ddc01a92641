// Masks the sensitive fields of data: the values whose schema says `x-sensitive: true`.
import { isDeepStrictEqual } from 'node:util';
import { TenfoldError } from '../errors.ts';
import { hasMarks, isSchema, SchemaPlaces, type Schemas, SENSITIVE } from './internal/marks.ts';
import type { JsonSchema, SchemaCompiler } from './json-schema.ts';

/** Stands for a value that is not shown, whatever its type. */
export const MASK = '***';

interface MaskedData {
  readonly data: unknown;
  /** How many values the mask stands for. */
  readonly masked: number;
}

export class Masker {
  readonly #schema: JsonSchema;
  readonly #places: SchemaPlaces;

  constructor(schema: unknown, compile: SchemaCompiler) {
    this.#schema = compile(schema);
    this.#places = new SchemaPlaces(schema);
  }

  /**
   * Undefined for data that does not match the schema, or is nested too deeply: nobody knows then
   * where its sensitive values stand. `exact`: the same data with all digits of its numbers.
   */
  mask(data: unknown, exact = data): MaskedData | undefined {
    try {
      if (this.#schema.validate(data).length > 0) return undefined;
      const count = { masked: 0 };
      return { data: this.#mask(this.#places.top, exact, count), ...count };
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /** Whether the value at these members, one inside the other, is masked. */
  masks(members: readonly string[]): boolean {
    let schemas = this.#places.top;
    for (const name of members) {
      if (isSensitive(schemas)) return true;
      schemas = this.#places.ofMember(schemas, name);
    }
    return isSensitive(schemas);
  }

  /**
   * Puts the values of `before` in place of masks that came back at the same places. Refuses a mask
   * with `invalid-input` where there is no such value, or where items may have changed places.
   */
  restore(data: unknown, before: unknown): unknown {
    return this.#restore(this.#places.top, data, before, '');
  }

  #mask(schemas: Schemas, value: unknown, count: { masked: number }): unknown {
    if (isSensitive(schemas)) {
      count.masked++;
      return MASK;
    }
    return this.#within(schemas, value, (inner, each) => this.#mask(inner, each, count));
  }

  #restore(schemas: Schemas, value: unknown, before: unknown, at: string): unknown {
    if (isSensitive(schemas)) {
      if (value !== MASK) return value;
      if (before === undefined) throw maskReturned(at);
      return before;
    }
    const isList = Array.isArray(value);
    const isSameList =
      isList && Array.isArray(before) && isDeepStrictEqual(value, this.#mask(schemas, before, { masked: 0 }));
    if (isSameList) return before;
    return this.#within(schemas, value, (inner, each, name) => {
      const known = !isList && isSchema(before) && Object.hasOwn(before, name) ? before[name] : undefined;
      return this.#restore(inner, each, known, `${at}/${name}`);
    });
  }

  #within(schemas: Schemas, value: unknown, map: (schemas: Schemas, each: unknown, name: string) => unknown): unknown {
    if (schemas.size === 0 || typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      return value.map((each, index) => map(this.#places.ofItem(schemas, index), each, String(index)));
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, map(this.#places.ofMember(schemas, name), each, name)]),
    );
  }
}

/** Undefined for a schema without sensitive fields. `schema`: one that compiles. */
export function maskerOf(schema: unknown, compile: SchemaCompiler): Masker | undefined {
  return hasMarks(schema) ? new Masker(schema, compile) : undefined;
}

function isSensitive(schemas: Schemas): boolean {
  for (const schema of schemas) if (schema[SENSITIVE] === true) return true;
  return false;
}

function maskReturned(at: string): TenfoldError {
  const place = at === '' ? 'The data is' : `The data has at ${at}`;
  const message = `${place} "${MASK}", which stands for a sensitive value and is never stored. Write the value itself there, or send only your changes as a merge patch.`;
  return new TenfoldError('invalid-input', message);
}
