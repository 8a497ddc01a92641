// The meaning of a field beyond its shape, declared beside the field: expressions, references,
// rules, units. Generators and checks read it.
import * as z from 'zod';
import type { Kind } from '../kind-names.ts';

/**
 * Names the set of variables that an expression may use. The compiler of expressions declares the
 * variables of each set.
 */
export type ExpressionScope =
  | 'event' // one CloudEvent: `event`
  | 'request' // a request at the gateway: `request`, `params`, `claims`, `consumer`
  | 'aggregate' // a request at an aggregate plus `<part>` for each part: `<part>.status`, `.headers`, `.body`
  | 'graphql' // a field of a GraphQL query: `args`, `parent`, `request`, `claims`, `consumer`
  | 'answer' // what a service answered: `answer.status`, `.headers`, `.body`
  | 'window' // argument of an aggregate of a window or a View: `event`
  | 'change' // a row of a View that an event changes: `event`, and `row` or null
  | 'values'; // a row of a View's aggregate: `row` with its values

export type ExpressionResult = 'bool' | 'string' | 'number' | 'timestamp' | 'list' | 'any';

export interface ExpressionMark {
  readonly scope: ExpressionScope;
  readonly result: ExpressionResult;
  /**
   * `whole`: the text is one `${…}`. `template`: text that may hold `${…}` anywhere. `value`: JSON
   * whose strings may be templates.
   * `words`: like `whole`, but some plain words mean something else. `aggregates`: a call such as
   * `sum(event.data.total)`, without `${…}`.
   */
  readonly form: 'whole' | 'template' | 'value' | 'words' | 'aggregates';
}

/** A rule over several fields, enforced by zod here and by CEL in the API server. */
export interface Rule {
  readonly message: string;
  /** CEL over `self`, as `x-kubernetes-validations` takes it. */
  readonly cel: string;
}

export interface Marks {
  readonly expression?: ExpressionMark;
  /** The text is the name of a resource of this kind in the same namespace. */
  readonly reference?: Kind;
  /** The text is the name of a Kubernetes Secret or ConfigMap in the same namespace. */
  readonly external?: 'Secret' | 'ConfigMap' | 'ServiceAccount';
  /** The text is an address. */
  readonly url?: true;
  /** The value is a JSON Schema. */
  readonly jsonSchema?: true;
  /** Any JSON is allowed here. */
  readonly freeForm?: true;
  /** Written as a number or as text (`x-kubernetes-int-or-string`). */
  readonly intOrString?: true;
  /** How the type is called in the reference pages, e.g. `duration`. */
  readonly typeName?: string;
  /** Exactly one of these members must be there. */
  readonly exactlyOneOf?: readonly string[];
  readonly rules?: readonly Rule[];
  /** Most members of an object whose member names are chosen by the user. */
  readonly maxProperties?: number;
  /**
   * A list of objects that this member tells apart, so that two writers merge instead
   * of overwriting each other.
   */
  readonly listKey?: string;
}

const marks = z.registry<Marks>();

/** `schema` with further marks. Returns a new schema; the original keeps its own marks. */
export function withMarks<S extends z.ZodType>(schema: S, added: Marks): S {
  const marked = schema.clone();
  marks.add(marked, { ...marks.get(schema), ...added });
  return marked;
}

export function marksOf(schema: z.core.$ZodType): Marks {
  return marks.get(schema) ?? {};
}
