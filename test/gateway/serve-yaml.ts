// Serves resources written as YAML through a real public listener; functions stand for
// origins that a test names.
import assert from 'node:assert/strict';
import type { Tracer } from '../../core/tracing/tracer.ts';
import { realWorld, type World } from '../../core/world.ts';
import type { FunctionHost } from '../../drivers/function-host/function-host.ts';
import { type CompiledPlan, compilePlan } from '../../gateway/compile/compile.ts';
import type { PlanEnvironment } from '../../gateway/compile/plan-environment.ts';
import { createClientReader } from '../../gateway/http/client.ts';
import type { Answered } from '../../gateway/listeners/answered.ts';
import { openListener } from '../../gateway/listeners/listener-server.ts';
import { createPublicHandler, createUpgradeCheck } from '../../gateway/listeners/public-listener.ts';
import { createInstruments } from '../../gateway/plan/instruments.ts';
import type { Plan } from '../../gateway/plan/plan.ts';
import type { SecretReader } from '../../gateway/plan/plan-context.ts';
import { createPlanStateStore } from '../../gateway/plan/plan-state.ts';
import type { Facade } from '../../gateway/strangler/facade.ts';
import { createMemorySwitches, type SwitchStore } from '../../gateway/strangler/phase/switches.ts';
import { createAddressCheck } from '../../gateway/transport/address-policy.ts';
import { createTransport } from '../../gateway/transport/create-transport.ts';
import { loadText } from '../../resources/load/load-text.ts';
import { createResourceSet } from '../../resources/resource-set.ts';

export interface ServeOptions {
  /** Origin of each function, by its name. */
  readonly functions?: Readonly<Record<string, string>>;
  readonly secrets?: SecretReader;
  readonly switches?: SwitchStore;
  readonly world?: World;
  readonly tracer?: Tracer;
  /** Proxies in front of the listener that are believed. */
  readonly trustedProxies?: readonly string[];
  /** Where the resources are said to be: files that they name are relative to it. */
  readonly file?: string;
}

export interface LogEntry {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export async function serveYaml(yaml: string, options: ServeOptions = {}) {
  const { functions = {}, secrets = () => undefined, world = realWorld, file = 'app.yaml' } = options;
  const { switches = createMemorySwitches() } = options;
  const transport = createTransport({
    checkAddress: createAddressCheck({ allowLoopback: true }),
    connectTimeoutMs: 1000,
  });
  const logged: LogEntry[] = [];
  const answered: Answered[] = [];
  const environment: PlanEnvironment = {
    world,
    host: hostOf(functions),
    transport,
    secrets,
    switches,
    log: (level, message, fields) => logged.push({ level, message, fields }),
  };
  const states = createPlanStateStore();
  let facades: readonly Facade[] = [];
  let instruments = createInstruments();
  let functionTarget: CompiledPlan['functionTarget'] = () => undefined;
  const compile = (text: string): Plan => {
    const { resources, problems } = loadText(file, text);
    assert.deepEqual(problems, []);
    const state = states.begin();
    const compiled = compilePlan(createResourceSet(resources), environment, state);
    const errors = compiled.problems.filter(({ severity }) => severity === 'error');
    assert.deepEqual(
      errors.map(({ path, message }) => `${path.join('.')}: ${message}`),
      [],
    );
    state.commit();
    facades = compiled.facades;
    functionTarget = compiled.functionTarget;
    instruments = compiled.instruments;
    for (const facade of facades) facade.begin();
    return compiled.plan;
  };
  let plan = compile(yaml);
  const listener = await openListener({
    world: realWorld,
    host: '127.0.0.1',
    port: 0,
    maxConnections: 1000,
    mayUpgrade: createUpgradeCheck(() => plan),
    handle: createPublicHandler({
      world,
      plan: () => plan,
      readClient: createClientReader(options.trustedProxies ?? []),
      answered: entry => answered.push(entry),
      tracer: options.tracer,
    }),
  });
  return {
    address: listener.address,
    answered,
    logged,
    /** The Strangler of this name. */
    facade(name: string): Facade {
      const found = facades.find(facade => facade.name === name);
      assert.ok(found);
      return found;
    },
    /** As the internal listener finds it. */
    functionTarget: (namespace: string, name: string) => functionTarget(namespace, name),
    get instruments() {
      return instruments;
    },
    get plan() {
      return plan;
    },
    swap(text: string) {
      plan = compile(text);
    },
    async close() {
      await listener.close(0);
      states.close();
      await transport.destroy();
    },
  };
}

function hostOf(functions: Readonly<Record<string, string>>): FunctionHost {
  const acquire = (name: string) => {
    const origin = functions[name];
    if (origin === undefined) throw new Error(`the test names no origin for the function ${name}`);
    return { origin, basePath: '', release() {} };
  };
  return {
    apply() {},
    tryAcquire: (_namespace, name) => acquire(name),
    acquire: async (_namespace, name) => acquire(name),
    status: () => [],
    async close() {},
  };
}
