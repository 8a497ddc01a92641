// The error for a request that no route takes.
import { TenfoldError } from '../../core/errors.ts';
import type { RequestHead } from '../http/request-head.ts';

export function noRoute({ path }: RequestHead): TenfoldError {
  return new TenfoldError('not-found', `No route matches ${path}.`, { reason: 'route.none' });
}
