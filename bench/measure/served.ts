// Our gateway for measurements: resources compiled to a plan, and a public listener at PORT that
// answers by it, as the platform serves it.
import { Registry } from 'prom-client';
import type { Tracer } from '../../core/tracing/tracer.ts';
import { realWorld } from '../../core/world.ts';
import { compilePlan } from '../../gateway/compile/compile.ts';
import type { PlanEnvironment } from '../../gateway/compile/plan-environment.ts';
import { createClientReader } from '../../gateway/http/client.ts';
import type { AnsweredListener } from '../../gateway/listeners/answered.ts';
import { type ListenerServerOptions, openListener } from '../../gateway/listeners/listener-server.ts';
import { createPublicHandler } from '../../gateway/listeners/public-listener.ts';
import { createGatewayMetrics } from '../../gateway/metrics.ts';
import type { Plan } from '../../gateway/plan/plan.ts';
import { createPlanStateStore } from '../../gateway/plan/plan-state.ts';
import { createAddressCheck } from '../../gateway/transport/address-policy.ts';
import { createTransport } from '../../gateway/transport/create-transport.ts';
import { loadText } from '../../resources/load/load-text.ts';
import { createResourceSet, type ResourceSet } from '../../resources/resource-set.ts';

export const checkAddress = createAddressCheck({ allowLoopback: true });

export const neverCalled = () => {
  throw new Error('nothing is called here');
};

/** Resources that are valid; throws otherwise. */
export function resourcesOf(yaml: string): ResourceSet {
  const { resources, problems } = loadText('app.yaml', yaml);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return createResourceSet(resources);
}

/** `more`: what the resources need beside a transport. */
export function compile(resources: ResourceSet, more: Partial<PlanEnvironment> = {}) {
  const compiled = compilePlan(
    resources,
    {
      world: realWorld,
      host: { apply() {}, tryAcquire: neverCalled, acquire: neverCalled, status: () => [], async close() {} },
      transport: createTransport({ checkAddress, connectTimeoutMs: 2000 }),
      secrets: () => undefined,
      log() {},
      ...more,
    },
    createPlanStateStore().begin(),
  );
  if (compiled.problems.length > 0) throw new Error(compiled.problems.map(({ message }) => message).join('\n'));
  return compiled;
}

/** Metrics as the platform has them. */
export const measured = (): AnsweredListener => createGatewayMetrics(new Registry(), () => []);

/**
 * Until SIGTERM, which ends the process by `exit`, so that a profile gets written. `around` sees
 * requests before the listener does.
 */
export async function serve(
  plan: Plan,
  answered: AnsweredListener,
  around: (handle: ListenerServerOptions['handle']) => ListenerServerOptions['handle'] = handle => handle,
  tracer?: Tracer,
): Promise<void> {
  process.once('SIGTERM', () => process.exit(0));
  await openListener({
    world: realWorld,
    host: '127.0.0.1',
    port: Number(process.env['PORT']),
    maxConnections: 20_000,
    handle: around(
      createPublicHandler({ world: realWorld, plan: () => plan, readClient: createClientReader([]), answered, tracer }),
    ),
  });
}
