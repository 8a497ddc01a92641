// Addresses of a queue's jobs for their callers: at the internal listener, or below the route of an
// Api.

import { createHash } from 'node:crypto';
import { withoutTrailingSlashes } from '../../core/paths/trailing-slashes.ts';
import { CALLER_HEADER } from '../../core/wire.ts';
import type { Call } from '../exchange/target.ts';
import { fieldOf } from '../http/fields.ts';

export interface JobEndpoint {
  /** The part of the path that only clients see, as the exchange has it. */
  readonly mount: string;
  /** Path, as clients see it, below which the jobs that `call` enqueues are found. */
  baseOf(call: Call): string;
  /**
   * Owner of the jobs of `call`; jobs of other owners are not shown. Empty for all of the
   * namespace.
   */
  ownerOf(call: Call): string;
  /** Owner of the Idempotency-Keys of `call`. */
  keysOf(call: Call): string;
}

const MAX_OWNER = 200;

/**
 * The internal listener: everybody in the namespace sees its jobs; keys are
 * those of one calling function.
 */
export function internalJobEndpoint(name: string, endpoint: 'queues' | 'fan-outs' = 'queues'): JobEndpoint {
  const mount = `/${endpoint}/${name}`;
  return {
    mount,
    baseOf: () => mount,
    ownerOf: () => '',
    keysOf: call => `internal/${bounded(fieldOf(call.headers, CALLER_HEADER) ?? '')}`,
  };
}

/**
 * A route: a consumer sees its own jobs. Without authentication any caller that has the id of a job
 * sees it. Only a caller that knows the Idempotency-Key and the body of the request can guess one.
 */
export function routeJobEndpoint(namespace: string, api: string, basePath: string): JobEndpoint {
  const ownerOf = (call: Call) => `api/${namespace}/${api}/${bounded(call.variables.consumer)}`;
  return {
    mount: basePath,
    baseOf: call => withoutTrailingSlashes(call.variables.request.path),
    ownerOf,
    keysOf: ownerOf,
  };
}

function bounded(name: string): string {
  return name.length <= MAX_OWNER ? name : createHash('sha256').update(name).digest('base64url');
}
