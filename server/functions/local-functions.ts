// Functions of one machine: processes of this one, with the variables to reach it, restricted to
// their application.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { World } from '../../core/world.ts';
import type { FunctionDefinition, FunctionHost } from '../../drivers/function-host/function-host.ts';
import type { DebugPorts } from '../../drivers/function-host/local/debug/debug-ports.ts';
import { createLocalHost } from '../../drivers/function-host/local/local-host.ts';
import { permissionFlags } from '../../drivers/function-host/local/permission-flags.ts';
import { createReach } from '../../drivers/function-host/local/reach.ts';
import type { PlatformOptions } from '../platform-options.ts';
import { makeStateFolder, STATE_FOLDER } from '../state-file.ts';
import { toHostListener } from './host-listener.ts';
import type { KeptLines } from './kept-lines.ts';
import { runtimeCommand, runtimeFiles } from './runtime-command.ts';

/** `access`: variables by which functions of a namespace reach the internal listener. */
export function createLocalFunctions(
  { watch, logLevel, events, passedVariables = [], privateFiles = [], dataDirectory }: PlatformOptions,
  directory: string,
  access: (namespace: string) => Readonly<Record<string, string>>,
  world: World,
  debugPorts: DebugPorts | undefined,
  kept: KeptLines,
): FunctionHost {
  const state = join(directory, STATE_FOLDER);
  /** The folder that functions may write to; its files go when the platform ends. */
  let temporary: string | undefined;
  /**
   * Folders of a function by the variables that name them. Folders of the platform are left out: it
   * runs, or reads back, their content.
   */
  const ownFolders = ({ namespace, name }: FunctionDefinition): Readonly<Record<string, string>> => ({
    ...made('TMPDIR', () => {
      temporary ??= mkdtempSync(join(tmpdir(), 'tenfold-functions-'));
      return join(temporary, `${namespace}.${name}`);
    }),
    // Compiled code, so that the next start need not compile again.
    ...made('NODE_COMPILE_CACHE', () => join(makeStateFolder(directory), 'compiled-functions', namespace)),
  });
  const reach = createReach({
    application: directory,
    kept: [state, ...(dataDirectory === undefined ? [] : [dataDirectory]), ...privateFiles],
    runtime: runtimeFiles(),
    own: definition => Object.values(ownFolders(definition)),
  });
  const host = createLocalHost({
    world,
    debugPorts,
    runtime: runtimeCommand(),
    environment: definition => ({
      own: process.env,
      passed: passedVariables,
      told: {
        ...access(definition.namespace),
        ...(logLevel === undefined ? {} : { TENFOLD_LOG_LEVEL: logLevel }),
        // A platform that follows its files is that of a developer.
        ...(watch ? { TENFOLD_DEVELOPMENT: '1' } : {}),
        ...(debugPorts ? { TENFOLD_INSPECT: '1' } : {}),
        ...ownFolders(definition),
      },
    }),
    flags: definition => permissionFlags(reach(definition)),
    watch,
    listener: toHostListener(events, kept),
  });
  return {
    ...host,
    async close(graceMs) {
      await host.close(graceMs);
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    },
  };
}

/** Nothing where a disk takes no folder: then the function does without. */
function made(variable: string, folder: () => string): Readonly<Record<string, string>> {
  try {
    const path = folder();
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return { [variable]: path };
  } catch {
    return {};
  }
}
