// Reads which routes functions have from their code. Few processes load them, which read their
// application. They write nothing, start nothing and have no network.
import { dirname, join } from 'node:path';
import { mapAtOnce } from '../../core/map-at-once.ts';
import { realWorld } from '../../core/world.ts';
import type { FunctionDefinition } from '../../drivers/function-host/function-host.ts';
import { askRoutes, type RoutesAnswer } from '../../drivers/function-host/local/ask-routes.ts';
import { covers, outermost } from '../../drivers/function-host/local/paths-without.ts';
import { permissionFlags } from '../../drivers/function-host/local/permission-flags.ts';
import { createReach } from '../../drivers/function-host/local/reach.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { STATE_FOLDER } from '../state-file.ts';
import { toFunctionDefinitions } from './function-definitions.ts';
import { runtimeCommand, runtimeFiles } from './runtime-command.ts';

const PROCESSES_AT_ONCE = 4;
/** So many modules one process loads, and keeps in its memory. */
const FUNCTIONS_IN_PROCESS = 50;
const TIMEOUT_MS = 10_000;

/** By namespace and name, such as `shop/orders`; functions that say nothing are left out. */
export type RoutesOfFunctions = ReadonlyMap<string, readonly string[]>;

export interface RoutesWanted {
  /** The functions to read, by namespace and name. */
  readonly wanted: ReadonlySet<string>;
  /** The folder of the application that a file belongs to. */
  directoryOf(file: string): string;
  /** Whether each has a process of its own, so that no other can have changed what it says. */
  readonly alone: boolean;
}

/** A function that can be read, and what its process may do. */
interface Known {
  readonly key: string;
  readonly definition: FunctionDefinition;
  /** The paths that it may read; absolute, and each may end with `*`. */
  readonly read: readonly string[];
  /** The folder in which its process works. */
  readonly folder: string;
}

export async function readRoutesOfFunctions(resources: ResourceSet, asked: RoutesWanted): Promise<RoutesOfFunctions> {
  const known = knownOf(resources, asked);
  const first = await readAll(asked.alone ? known.map(one => [one]) : toGroups(known));
  const unsure = first.flatMap(([one, { loads }]) => (loads === undefined ? [[one]] : []));
  const read = [...first, ...(await readAll(unsure))];
  return new Map(read.flatMap(([{ key }, { routes }]) => (routes === undefined ? [] : [[key, routes] as const])));
}

function knownOf(resources: ResourceSet, { wanted, directoryOf }: RoutesWanted): Known[] {
  const { definitions } = toFunctionDefinitions(resources, {}, () => undefined);
  return definitions.flatMap(definition => {
    const { run, namespace, name } = definition;
    const key = `${namespace}/${name}`;
    return run.by === 'source' && wanted.has(key)
      ? [{ key, definition, read: reachOf(definition, directoryOf(run.file)), folder: dirname(run.file) }]
      : [];
  });
}

function reachOf(definition: FunctionDefinition, application: string): readonly string[] {
  const reach = createReach({
    application,
    kept: [join(application, STATE_FOLDER)],
    runtime: runtimeFiles(),
    own: () => [],
  });
  return outermost(reach(definition).read);
}

/**
 * The functions of one process may read the same files, and have the same variables from their
 * resource. A process goes to another folder only if it may read that one.
 */
function toGroups(known: readonly Known[]): Known[][] {
  const alike = Map.groupBy(known, ({ definition, read, folder }) =>
    JSON.stringify([read, definition.env, read.some(path => covers(path, folder)) ? '' : folder]),
  );
  return [...alike.values()].flatMap(those =>
    Array.from({ length: Math.ceil(those.length / FUNCTIONS_IN_PROCESS) }, (_, index) =>
      those.slice(index * FUNCTIONS_IN_PROCESS, (index + 1) * FUNCTIONS_IN_PROCESS),
    ),
  );
}

async function readAll(groups: readonly (readonly Known[])[]): Promise<(readonly [Known, RoutesAnswer])[]> {
  const answers = await mapAtOnce(groups, PROCESSES_AT_ONCE, async group => {
    const said = await askRoutes(
      group.map(({ definition }) => definition),
      {
        world: realWorld,
        runtime: runtimeCommand(),
        environment: { own: process.env, passed: [], told: { TENFOLD_DESCRIBE: '1' } },
        flags: () => permissionFlags({ read: group[0]?.read ?? [], write: [], allow: [] }),
        timeoutMs: TIMEOUT_MS,
      },
    );
    return group.flatMap((one, index) => {
      const answer = said[index];
      return answer === undefined ? [] : [[one, answer] as const];
    });
  });
  return answers.flat();
}
