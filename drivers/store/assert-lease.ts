// Refuses lease requests that no store could decide.
import { TenfoldError } from '../../core/errors.ts';
import type { LeaseRequest } from './leases.ts';
import { assertName, assertTtl, assertWhole } from './limits.ts';

const MAX = Number.MAX_SAFE_INTEGER;

export function assertLeaseRequest(request: LeaseRequest): void {
  assertName('The holder', request.holder);
  assertWhole('The turn', request.turn, 0, MAX);
  assertWhole('The limit', request.limit, 0, 1e12);
  assertWhole('What is held', request.held, 0, MAX);
  assertWhole('The demand', request.demand, 0, 1e12);
  assertTtl('The time to live of the lease', request.ttlMs);
  assertWhole('The time that the lease lingers', request.lingerMs ?? 0, 0, MAX);
}

export function lateTurn(request: LeaseRequest): never {
  throw new TenfoldError(
    'conflict',
    `Request ${request.turn} of '${request.holder}' came after a later one had been answered.`,
  );
}
