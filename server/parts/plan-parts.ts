// The functions, the plan in force, and the events that it leads to functions.
import { createClusterHost } from '../../drivers/function-host/cluster/cluster-host.ts';
import type { PlanEnvironment } from '../../gateway/compile/plan-environment.ts';
import { createPlanStateStore } from '../../gateway/plan/plan-state.ts';
import { publicAlone } from '../../resources/ownership/listeners.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { createAcceptor } from '../accept-resources.ts';
import { withReplicas } from '../admin/with-replicas.ts';
import { noFiles } from '../cluster/cluster-source.ts';
import { endpointsOf } from '../events/event-endpoints-of.ts';
import { runEvents } from '../events/run-events.ts';
import { toClusterDefinitions, toFunctionDefinitions } from '../functions/function-definitions.ts';
import { createKeptLines, noLines } from '../functions/kept-lines.ts';
import { createLocalFunctions } from '../functions/local-functions.ts';
import { createLocalSecrets } from '../functions/local-secrets.ts';
import { createObjects } from '../objects/create-objects.ts';
import { PlanInForce } from '../plan-in-force.ts';
import type { PlatformPart } from './platform-part.ts';

export const functionHost: PlatformPart<
  'options' | 'callWorld' | 'debugPorts' | 'directory' | 'keys' | 'progress',
  'functions' | 'lines' | 'secrets'
> = {
  name: 'function host',
  start({ options, callWorld: world, debugPorts, directory, keys, progress }) {
    const { cluster, internalUrl } = options;
    if (cluster) {
      const { secrets, whereabouts } = cluster;
      return { functions: createClusterHost({ world, whereabouts }), lines: noLines, secrets };
    }
    const lines = createKeptLines(world);
    const access = (namespace: string) => ({
      TENFOLD_INTERNAL_URL: internalUrl ?? progress.addresses.internal,
      TENFOLD_INTERNAL_KEY: keys.keyFor(namespace),
    });
    const functions = createLocalFunctions(options, directory, access, world, debugPorts, lines);
    return { functions, lines, secrets: createLocalSecrets(directory) };
  },
  stop: ({ functions }, graceMs) => functions.close(graceMs),
};

export const plan: PlatformPart<'world', 'planState' | 'inForce'> = {
  name: 'plan',
  start: ({ world }) => ({ planState: createPlanStateStore(), inForce: new PlanInForce(world) }),
  stop: ({ planState }) => planState.close(),
};

/**
 * The part `deliveries` ends the work of consumers, before the listeners that functions call. This
 * part closes the plane where `deliveries` never started.
 */
export const eventPlane: PlatformPart<
  | 'options'
  | 'callWorld'
  | 'role'
  | 'keys'
  | 'dataFolder'
  | 'log'
  | 'checkAddress'
  | 'transport'
  | 'callbacks'
  | 'functions'
  | 'secrets'
  | 'inForce'
  | 'storage'
  | 'budgets'
  | 'shared'
  | 'tracer',
  'plane'
> = {
  name: 'event plane',
  start({ options, callWorld, role, dataFolder, log, transport, functions, secrets, budgets, ...given }) {
    const plane = runEvents({
      ...given,
      world: callWorld,
      functions: () => withReplicas(functions.status(), options.cluster?.statusOf),
      folder: dataFolder,
      environment: {
        transport,
        secrets,
        budgets,
        log: (level, message, fields) => log({ level, message, fields }),
      },
      works: role !== 'gateway',
      cluster: options.cluster !== undefined,
    });
    return { plane };
  },
  stop: ({ plane }, graceMs) => plane.close(graceMs),
};

export const acceptor: PlatformPart<
  | 'options'
  | 'callWorld'
  | 'role'
  | 'log'
  | 'transport'
  | 'checkCallback'
  | 'functions'
  | 'secrets'
  | 'planState'
  | 'inForce'
  | 'storage'
  | 'budgets'
  | 'shared'
  | 'plane',
  'endpoints' | 'accept'
> = {
  name: 'acceptor of resources',
  start({ options, callWorld: world, role, log, checkCallback, functions, planState, inForce, storage, ...given }) {
    const { cluster, listeners = publicAlone } = options;
    const { transport, secrets, budgets, shared, plane } = given;
    const endpoints =
      storage && endpointsOf({ world, storage, shared, checkCallback, consumers: () => plane.consumers });
    const environment: PlanEnvironment = {
      world,
      host: functions,
      transport,
      secrets,
      switches: shared.switches,
      evidence: role === 'worker' ? undefined : shared.evidence,
      log: (level, message, fields) => log({ level, message, fields }),
      endpoints,
      budgets,
      buckets: budgets && storage?.store,
      readText: cluster && noFiles,
      assignments: cluster?.assignments,
      listeners,
      syncs: plane.syncs,
    };
    const define = (candidate: ResourceSet) =>
      cluster ? toClusterDefinitions(candidate) : toFunctionDefinitions(candidate, process.env, secrets);
    return { endpoints, accept: createAcceptor({ inForce, environment, functions, define, planState, events: plane }) };
  },
  drain: ({ endpoints }) => endpoints?.live?.drain(),
  stop: ({ endpoints }) => endpoints?.live?.close(),
};

export const objects: PlatformPart<'world' | 'role' | 'log' | 'storage' | 'plane', 'objects'> = {
  name: 'objects',
  start({ world, role, log, storage, plane }) {
    return { objects: createObjects({ world, storage, plan: () => plane.plan, scrubs: role !== 'gateway', log }) };
  },
  stop: own => own.objects.close(),
};
