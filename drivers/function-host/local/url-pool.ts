// A function that already runs somewhere: every request may go there,
// nothing is started or stopped.
import { withoutTrailingSlashes } from '../../../core/paths/trailing-slashes.ts';
import type { FunctionDefinition, Lease } from '../function-host.ts';
import type { Pool } from './pool-types.ts';

export function createUrlPool(definition: FunctionDefinition, url: string): Pool {
  const { origin, pathname } = new URL(url);
  const basePath = withoutTrailingSlashes(pathname);
  let inFlight = 0;
  const lease = (): Lease => {
    inFlight++;
    let held = true;
    return {
      origin,
      basePath,
      release() {
        if (held) inFlight--;
        held = false;
      },
    };
  };
  return {
    tryAcquire: lease,
    acquire: async () => lease(),
    status: () => ({
      name: definition.name,
      namespace: definition.namespace,
      state: 'available',
      instances: 0,
      inFlight,
      waiting: 0,
      restarts: 0,
    }),
    files: new Set(),
    reload() {},
    async close() {},
  };
}
