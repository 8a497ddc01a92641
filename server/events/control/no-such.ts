// The error for a name that no resource has.
import { TenfoldError } from '../../../core/errors.ts';

export function noSuch(kind: string, namespace: string, name: string): TenfoldError {
  return new TenfoldError('not-found', `There is no ${kind} "${name}" in namespace "${namespace}".`);
}
