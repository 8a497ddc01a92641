// Reads which routes functions have from their code. Each is loaded in a process of its own, which
// reads its application. It writes nothing, starts nothing and has no network.
import { join } from 'node:path';
import { mapAtOnce } from '../../core/map-at-once.ts';
import { realWorld } from '../../core/world.ts';
import type { FunctionDefinition } from '../../drivers/function-host/function-host.ts';
import { askRoutes } from '../../drivers/function-host/local/ask-routes.ts';
import { permissionFlags } from '../../drivers/function-host/local/permission-flags.ts';
import { createReach } from '../../drivers/function-host/local/reach.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { STATE_FOLDER } from '../state-file.ts';
import { toFunctionDefinitions } from './function-definitions.ts';
import { runtimeCommand, runtimeFiles } from './runtime-command.ts';

const FUNCTIONS_AT_ONCE = 4;
const TIMEOUT_MS = 10_000;

/** By namespace and name, such as `shop/orders`; functions that say nothing are left out. */
export type RoutesOfFunctions = ReadonlyMap<string, readonly string[]>;

/**
 * `wanted`: of the functions to read, by namespace and name. `directoryOf`: the folder of the
 * application that a file belongs to.
 */
export async function readRoutesOfFunctions(
  resources: ResourceSet,
  wanted: ReadonlySet<string>,
  directoryOf: (file: string) => string,
): Promise<RoutesOfFunctions> {
  const { definitions } = toFunctionDefinitions(resources, {}, () => undefined);
  const known = definitions.flatMap(definition => {
    const { run, namespace, name } = definition;
    const key = `${namespace}/${name}`;
    return run.by === 'source' && wanted.has(key) ? [{ key, definition, directory: directoryOf(run.file) }] : [];
  });
  const read = await mapAtOnce(known, FUNCTIONS_AT_ONCE, async ({ key, definition, directory }) => {
    const routes = await ask(definition, directory);
    return routes === undefined ? [] : [[key, routes] as const];
  });
  return new Map(read.flat());
}

function ask(definition: FunctionDefinition, directory: string): Promise<readonly string[] | undefined> {
  const reach = createReach({
    application: directory,
    kept: [join(directory, STATE_FOLDER)],
    runtime: runtimeFiles(),
    own: () => [],
  });
  return askRoutes(definition, {
    world: realWorld,
    runtime: runtimeCommand(),
    environment: { own: process.env, passed: [], told: { TENFOLD_DESCRIBE: '1' } },
    flags: () => permissionFlags({ read: reach(definition).read, write: [], allow: [] }),
    startTimeoutMs: TIMEOUT_MS,
  });
}
