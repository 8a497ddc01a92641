// Serves resources with the endpoints of their events open: the public listener of their Apis,
// and the internal listener.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import {
  createEventEndpoints,
  type EventEndpoints,
  type EventEndpointsOptions,
} from '../../../gateway/endpoints/event-endpoints.ts';
import { createClientReader } from '../../../gateway/http/client.ts';
import type { Answered } from '../../../gateway/listeners/answered.ts';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import { createInternalHandler } from '../../../gateway/listeners/internal-listener.ts';
import { openListener } from '../../../gateway/listeners/listener-server.ts';
import { createPublicHandler } from '../../../gateway/listeners/public-listener.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';

export type Served = Awaited<ReturnType<typeof serveEndpoints>>;

export async function serveEndpoints(
  yaml: string,
  log: EventLog,
  more: Partial<EventEndpointsOptions> = {},
  secrets?: Readonly<Record<string, string>>,
  file = 'app.yaml',
) {
  const world = more.world ?? realWorld;
  const endpoints: EventEndpoints = createEventEndpoints({
    store: createFakeStore(world),
    checkCallback: createAddressCheck({ allowLoopback: true }),
    cancelJob: async () => {},
    ...more,
    world,
    log,
  });
  const { resources, problems } = loadText(file, yaml);
  assert.deepEqual(problems, []);
  const states = createPlanStateStore();
  const state = states.begin();
  const environment = { ...createFakeEnvironment(), world, endpoints, secrets: () => secrets };
  const compiled = compilePlan(createResourceSet(resources), environment, state);
  assert.deepEqual(
    compiled.problems.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  state.commit();
  const keys = createCallerKeys('a secret');
  const options = { world: realWorld, host: '127.0.0.1', port: 0, maxConnections: 1000 };
  const internal = await openListener({
    ...options,
    handle: createInternalHandler({
      world,
      callers: keys,
      targetOf: () => undefined,
      timeoutOf: () => undefined,
      eventTargetOf: compiled.eventTarget,
      answered() {},
    }),
  });
  const answered: Answered[] = [];
  const open = await openListener({
    ...options,
    handle: createPublicHandler({
      world,
      plan: () => compiled.plan,
      readClient: createClientReader([]),
      answered: entry => answered.push(entry),
    }),
  });
  return {
    endpoints,
    problems: compiled.problems,
    /** At the public listener. */
    answered,
    internal: internal.address,
    public: open.address,
    key: keys.keyFor('default'),
    /** One request at the internal listener. */
    ask: (path: string, init: RequestInit = {}) =>
      fetch(internal.address + path, {
        ...init,
        headers: { 'tenfold-key': keys.keyFor('default'), ...(init.headers as Record<string, string>) },
      }),
    post: (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
      fetch(internal.address + path, {
        method: 'POST',
        body,
        headers: { 'tenfold-key': keys.keyFor('default'), 'content-type': 'application/json', ...headers },
      }),
    async close() {
      await internal.close(0);
      await open.close(0);
      states.close();
    },
  };
}
