// The target of a measured dispatcher: a function behind an address, called
// as the platform calls it.
import { childContext } from '../../../core/trace-context.ts';
import { realWorld } from '../../../core/world.ts';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createTransport } from '../../../gateway/transport/create-transport.ts';
import { callTarget } from '../../../gateway/upstream/buffered-call.ts';
import { createUrlTarget } from '../../../gateway/upstream/url-target.ts';
import { createCallDestination } from '../../../worker/deliver/call-destination.ts';
import type { Caller } from '../../../worker/deliver/caller.ts';
import type { Destination } from '../../../worker/deliver/destination.ts';

export function createHttpDestination(url: string): Destination {
  const world = realWorld;
  const transport = createTransport({
    checkAddress: createAddressCheck({ allowLoopback: true }),
    connectTimeoutMs: 2000,
  });
  const target = createUrlTarget(transport, 'default', url);
  const caller: Caller = {
    label: 'function',
    async call({ method, path, headers, body, trace = childContext(undefined), maxAnswerBytes, priority }, signal) {
      const init = { method, path, headers, body, trace, timeoutMs: 30_000, maxBody: maxAnswerBytes, signal, priority };
      const answer = await callTarget(world, target, init);
      return { status: answer.status, headers: answer.fields, body: answer.body };
    },
  };
  return createCallDestination({
    namespace: 'default',
    world,
    caller,
    topic: 't',
    endpoint: 'topics',
    batch: false,
    timeoutMs: undefined,
    maxAnswerBytes: 1024,
    priority: 5,
  });
}
