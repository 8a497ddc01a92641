// A function as a target: waits, within the call's deadline, for a place at one of its instances.
import type { FunctionHost, Lease } from '../../drivers/function-host/function-host.ts';
import type { Transport } from '../transport/transport.ts';
import { dispatch } from './dispatch.ts';
import { behindOpenFaas, withoutCallId } from './openfaas.ts';
import type { Target } from './target.ts';

export function createFunctionTarget(
  host: FunctionHost,
  transport: Transport,
  namespace: string,
  name: string,
  /** Name and value in turn; they take the place of fields of the same name. */
  ownHeaders: readonly string[] = [],
): Target {
  return {
    label: `function ${name}`,
    send(call) {
      const go = (lease: Lease) => {
        call.hold(lease.release);
        if (call.ended) return;
        lease.holder = call;
        const by =
          lease.provider === 'openfaas'
            ? { headers: withoutCallId(call.headers), handler: behindOpenFaas(call, `function ${name}`) }
            : undefined;
        dispatch(call, transport, lease, namespace, ownHeaders, by);
      };
      try {
        const lease = host.tryAcquire(namespace, name);
        if (lease) go(lease);
        else host.acquire(namespace, name, call.signal).then(go, error => call.fail(error));
      } catch (error) {
        call.fail(error);
      }
    },
  };
}
