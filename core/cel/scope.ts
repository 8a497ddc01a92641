// The scope of an expression: the variables that a place in a resource has, with their types.
import type { Environment } from '@marcbachmann/cel-js';
import { TenfoldError } from '../errors.ts';
import { createBaseEnvironment } from './internal/environment.ts';

/** An object with known members. */
export interface ObjectType {
  /** Unique within a scope; used in messages. */
  readonly name: string;
  readonly fields: Readonly<Record<string, Shape>>;
  /**
   * Says whether a member that is not in `fields` may exist; its type is then
   * unknown until evaluation.
   */
  readonly admits?: (member: string) => boolean;
}

/**
 * A CEL type such as `string`, `dyn` (known at evaluation only) or `map<string,
 * string>`, or an object type.
 */
export type Shape = string | ObjectType;

export interface Scope {
  readonly variables: Readonly<Record<string, Shape>>;
  /** Object types by name, nested ones too. */
  readonly types: ReadonlyMap<string, ObjectType>;
  /** Knows the exact types, to check with. */
  readonly checker: Environment;
  /** Takes every variable as it comes, to evaluate with: plain JSON values need no conversion. */
  readonly runner: Environment;
}

const base = createBaseEnvironment();

/**
 * A scope of exactly `variables`. Throws `invalid-expression` for a name that CEL uses itself.
 * Making one takes some 0.1 ms: make it once for a place, not for every expression.
 */
export function createScope(variables: Readonly<Record<string, Shape>>): Scope {
  const checker = base.clone();
  const runner = base.clone();
  const types = new Map<string, ObjectType>();
  for (const [name, shape] of Object.entries(variables)) {
    if (isReserved(name)) throw reservedName(name);
    checker.registerVariable(name, declare(shape, checker, types));
    runner.registerVariable(name, 'dyn');
  }
  return { variables, types, checker, runner };
}

/** CEL knows some names itself, such as `int` and `google`: no variable can be called so. */
export function isReserved(name: string): boolean {
  return base.hasVariable(name);
}

function reservedName(name: string): TenfoldError {
  return new TenfoldError(
    'invalid-expression',
    `No variable can be called "${name}": expressions give this name a meaning of their own.`,
  );
}

/** Registers the object types of `shape`, innermost first, and answers with its CEL type. */
function declare(shape: Shape, checker: Environment, types: Map<string, ObjectType>): string {
  if (typeof shape === 'string') return shape;
  if (types.has(shape.name)) return shape.name;
  const fields: Record<string, string> = {};
  for (const [name, field] of Object.entries(shape.fields)) fields[name] = declare(field, checker, types);
  checker.registerType({ name: shape.name, fields });
  types.set(shape.name, shape);
  return shape.name;
}
