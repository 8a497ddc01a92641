// The variables that expressions of each place in a resource can use: schemas name a scope, and
// this table holds its variables.
import { createScope, type Scope, type Shape } from '../../core/cel/scope.ts';
import { eventType, paramsType, requestType, responseType } from '../../core/cel/shapes.ts';
import type { ExpressionScope } from '../kinds/fields/marks.ts';

/**
 * The variables of a request at the gateway; `claims` are those of the verified token, `consumer`
 * is empty for the anonymous.
 */
const requestVariables: Readonly<Record<string, Shape>> = {
  request: requestType,
  params: paramsType,
  claims: 'map<string, dyn>',
  consumer: 'string',
};

/** Scopes whose variables are the same in every resource. */
type FixedScope = Exclude<ExpressionScope, 'aggregate' | 'values'>;

const fixed: Readonly<Record<FixedScope, Scope>> = {
  event: createScope({ event: eventType }),
  window: createScope({ event: eventType }),
  change: createScope({ event: eventType, row: 'dyn' }),
  request: createScope(requestVariables),
  answer: createScope({ answer: responseType }),
  graphql: createScope({ args: 'map<string, dyn>', parent: 'dyn', ...requestVariables }),
};

export function scopeOf(name: FixedScope): Scope {
  return fixed[name];
}

/**
 * The request, and the answers of the parts by their names. Throws `invalid-expression` for a part
 * with a name that is taken.
 */
export function aggregateScope(parts: readonly string[]): Scope {
  return createScope({ ...Object.fromEntries(parts.map(part => [part, responseType])), ...requestVariables });
}

/** A row of a View's aggregate, which has these values. */
export function valuesScope(names: readonly string[]): Scope {
  return createScope({ row: { name: 'Row', fields: Object.fromEntries(names.map(name => [name, 'dyn'])) } });
}

/** Names that no part of an Aggregate can have, since expressions find the request under them. */
export const requestVariableNames: readonly string[] = Object.keys(requestVariables);
