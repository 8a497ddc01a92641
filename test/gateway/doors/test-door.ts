// A public door over hand-made routes to one upstream, with real sockets on both sides.
import { realWorld } from '../../../core/world.ts';
import type { Answered } from '../../../gateway/doors/door-events.ts';
import { type Certificate, openDoor } from '../../../gateway/doors/door-server.ts';
import { createPublicDoor } from '../../../gateway/doors/public-door.ts';
import { createClientReader } from '../../../gateway/http/client.ts';
import type { Plan, Route, Step } from '../../../gateway/plan/plan.ts';
import { createPlan } from '../../../gateway/plan/router.ts';
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

export async function openTestDoor(origin: string, routes: readonly TestRoute[], certificate?: Certificate) {
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
  const door = await openDoor({
    world: realWorld,
    host: '127.0.0.1',
    port: 0,
    maxConnections: 1000,
    certificate,
    handle: createPublicDoor({
      world: realWorld,
      plan: () => plan,
      readClient: createClientReader([]),
      answered: entry => answered.push(entry),
    }),
  });
  return {
    address: door.address,
    answered,
    renew: door.renew,
    drain: door.drain,
    swap(next: readonly TestRoute[]) {
      plan = planOf(next);
    },
    async close(graceMs = 0) {
      await door.close(graceMs);
      await transport.destroy();
    },
  };
}
