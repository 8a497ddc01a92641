// A public listener over hand-made routes to one upstream, with real sockets on both sides.
import { realWorld } from '../../../core/world.ts';
import type { Step } from '../../../gateway/exchange/step.ts';
import { createClientReader } from '../../../gateway/http/client.ts';
import type { Answered } from '../../../gateway/listeners/answered.ts';
import { type Certificate, openListener } from '../../../gateway/listeners/listener-server.ts';
import { createPublicHandler } from '../../../gateway/listeners/public-listener.ts';
import type { Plan, Route } from '../../../gateway/plan/plan.ts';
import { createPlan } from '../../../gateway/routing/router.ts';
import { forward, mount } from '../../../gateway/steps/forward.ts';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createTransport } from '../../../gateway/transport/create-transport.ts';
import { createUrlTarget } from '../../../gateway/upstream/url-target.ts';

export interface TestRoute {
  readonly methods?: readonly string[];
  readonly path: string;
  readonly host?: string;
  readonly basePath?: string;
  readonly timeoutMs?: number;
  readonly before?: readonly Step[];
  /** Path that the upstream has in front of its own. */
  readonly upstreamPath?: string;
}

export async function openTestListener(origin: string, routes: readonly TestRoute[], certificate?: Certificate) {
  const transport = createTransport({
    checkAddress: createAddressCheck({ allowLoopback: true }),
    connectTimeoutMs: 1000,
  });
  const answered: Answered[] = [];
  const planOf = (some: readonly TestRoute[]): Plan =>
    createPlan(
      some.map((route): Route => {
        const basePath = route.basePath ?? '';
        const target = createUrlTarget(transport, 'default', origin + (route.upstreamPath ?? ''));
        return {
          kind: 'Api',
          namespace: 'default',
          name: 'test',
          family: 'Api/default/test',
          methods: route.methods ?? [],
          host: route.host,
          path: basePath + route.path,
          condition: undefined,
          logSample: 1,
          target: 'function test',
          timeoutMs: route.timeoutMs ?? 5000,
          steps: [mount(basePath), ...(route.before ?? []), forward(target)].filter(step => step !== undefined),
        };
      }),
    );
  let plan = planOf(routes);
  const listener = await openListener({
    world: realWorld,
    host: '127.0.0.1',
    port: 0,
    maxConnections: 1000,
    certificate,
    refused: refusal => answered.push({ listener: 'public', ...refusal }),
    handle: createPublicHandler({
      world: realWorld,
      plan: () => plan,
      readClient: createClientReader([]),
      answered: entry => answered.push(entry),
    }),
  });
  return {
    address: listener.address,
    answered,
    renew: listener.renew,
    drain: listener.drain,
    swap(next: readonly TestRoute[]) {
      plan = planOf(next);
    },
    async close(graceMs = 0) {
      await listener.close(graceMs);
      await transport.destroy();
    },
  };
}
