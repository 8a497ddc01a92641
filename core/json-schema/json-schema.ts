// Compiles JSON Schemas of users, once, at load; validates data with bounded work and
// says where it does not match.
import type { ValidateFunction } from 'ajv';
import { TenfoldError } from '../errors.ts';
import { createAjv, type Draft } from './internal/ajv.ts';
import { describeFault, type SchemaFault } from './internal/describe-fault.ts';
import { expandedSize } from './internal/expansion.ts';
import { faultOfMarks } from './internal/marks.ts';
import { hasMoreValuesThan } from './internal/values.ts';
import { describeViolation } from './internal/violations.ts';

/** Longest schema, as JSON text. */
const MAX_SCHEMA_LENGTH = 262_144;
/** Subschemas that one validation may run on one value. */
const MAX_EXPANDED_SIZE = 20_000;
/**
 * Up to so many values inside it, data that does not match is searched for every
 * violation, not only the first.
 */
const MAX_EXPLAINED_VALUES = 5000;
const MAX_VIOLATIONS = 20;

export type { SchemaFault } from './internal/describe-fault.ts';

export interface Violation {
  /** RFC 6901 pointer into the data; empty for the data itself. */
  readonly pointer: string;
  /** The fault at that place, e.g. `must be at least 1`. Never shows data. */
  readonly message: string;
}

export interface JsonSchema {
  /** Empty when `data` matches; otherwise what does not, at most 20 places. */
  validate(data: unknown): readonly Violation[];
}

class InvalidSchema extends TenfoldError {
  readonly fault: SchemaFault;

  constructor(fault: SchemaFault) {
    const place = fault.pointer === '' ? '' : ` at ${fault.pointer}`;
    super('invalid-resource', `The JSON Schema is not valid${place}: ${fault.reason}`, { extensions: { ...fault } });
    this.fault = fault;
  }
}

/** The fault behind an error that compiling threw; undefined for any other error. */
export function schemaFaultOf(error: unknown): SchemaFault | undefined {
  return error instanceof InvalidSchema ? error.fault : undefined;
}

export type SchemaCompiler = (schema: unknown) => JsonSchema;

/**
 * A compiler for schemas of draft 2020-12, or draft-07 where `$schema` says so. It keeps nothing of
 * the schemas it compiles. Making one is cheap; its first schema costs some 20 ms, unless
 * `draftChecked` says that all of them follow their draft.
 */
export function createSchemaCompiler({ draftChecked = false } = {}): SchemaCompiler {
  const engines = new Map<string, ReturnType<typeof createAjv>>();
  const engine = (draft: Draft, allErrors: boolean) => {
    const key = `${draft} ${allErrors}`;
    const made = engines.get(key) ?? createAjv({ draft, allErrors, checkDraft: !draftChecked && !allErrors });
    engines.set(key, made);
    return made;
  };
  return schema => {
    assertSound(schema);
    const draft = draftOf(schema);
    const check = compileWith(engine(draft, false), schema);
    let explain: ValidateFunction | undefined;
    return {
      validate(data) {
        if (run(check, data)) return [];
        if (hasMoreValuesThan(data, MAX_EXPLAINED_VALUES)) return violations(check);
        explain ??= compileWith(engine(draft, true), schema);
        run(explain, data);
        return violations(explain);
      },
    };
  };
}

function assertSound(schema: unknown): asserts schema is object {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    throw new InvalidSchema({ pointer: '', reason: 'It has to be an object.' });
  }
  if (JSON.stringify(schema).length > MAX_SCHEMA_LENGTH) {
    throw new InvalidSchema({ pointer: '', reason: `It has more than ${MAX_SCHEMA_LENGTH / 1024} KiB.` });
  }
  if (expandedSize(schema, MAX_EXPANDED_SIZE) > MAX_EXPANDED_SIZE) {
    const reason = `With its references followed it has more than ${MAX_EXPANDED_SIZE} subschemas. Describe less, or check in a function.`;
    throw new InvalidSchema({ pointer: '', reason });
  }
  const fault = faultOfMarks(schema);
  if (fault !== undefined) throw new InvalidSchema(fault);
}

function draftOf(schema: object): Draft {
  const named = '$schema' in schema ? schema.$schema : undefined;
  if (named === undefined) return '2020-12';
  if (typeof named === 'string') {
    const bare = named.replace(/#$/, '').replace(/^http:/, 'https:');
    if (bare === 'https://json-schema.org/draft/2020-12/schema') return '2020-12';
    if (bare === 'https://json-schema.org/draft-07/schema') return 'draft-07';
  }
  const reason =
    'Only the drafts https://json-schema.org/draft/2020-12/schema and http://json-schema.org/draft-07/schema are known.';
  throw new InvalidSchema({ pointer: '/$schema', reason });
}

function compileWith(ajv: ReturnType<typeof createAjv>, schema: object): ValidateFunction {
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw new InvalidSchema(describeFault(error, schema, ajv));
  } finally {
    // Otherwise a schema could be referred to by the next one's, and would be kept for ever.
    ajv.removeSchema(schema);
  }
}

/** Data nested so deeply that validating it needs more stack than there is does not match. */
function run(validate: ValidateFunction, data: unknown): boolean {
  try {
    return validate(data) === true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    validate.errors = [
      { instancePath: '', schemaPath: '', keyword: 'depth', params: {}, message: 'is nested too deeply' },
    ];
    return false;
  }
}

function violations(validate: ValidateFunction): Violation[] {
  return (validate.errors ?? []).slice(0, MAX_VIOLATIONS).map(describeViolation);
}
