// A fixed address as a target.
import { withoutTrailingSlashes } from '../../core/paths/trailing-slashes.ts';
import type { Reuse } from '../../resources/kinds/calls/connections.ts';
import type { Target } from '../exchange/target.ts';
import type { Transport } from '../transport/transport.ts';
import { dispatch } from './dispatch.ts';

/** `namespace`: of the resource that names it. */
export function createUrlTarget(transport: Transport, namespace: string, url: string, reuse?: Reuse): Target {
  const { origin, host, pathname } = new URL(url);
  const place = { origin, basePath: withoutTrailingSlashes(pathname), reuse };
  return {
    label: `url ${host}`,
    send(call) {
      dispatch(call, transport, place, namespace);
    },
  };
}
