// The parts of an Aggregate that other parts can name, however wrong the rest of it is.
import { isReserved } from '../../../core/cel/scope.ts';
import { valueAt } from '../../load/path.ts';
import type { Declared } from '../declared.ts';
import { requestVariableNames } from '../scopes.ts';
import { hasSoundName } from '../sound.ts';

/** Their names, without those that are none or mean something else in expressions. */
export function certainParts(aggregate: Declared): string[] {
  const path = ['spec', 'parts'];
  const parts = valueAt(aggregate.manifest, path);
  if (typeof parts !== 'object' || parts === null || Array.isArray(parts)) return [];
  return Object.keys(parts).filter(name => !isTaken(name) && hasSoundName(aggregate, [...path, name]));
}

/** Whether expressions find something else under the name. */
export function isTaken(name: string): boolean {
  return requestVariableNames.includes(name) || isReserved(name);
}
