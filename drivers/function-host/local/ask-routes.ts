// Asks a process of a function which routes its code has, without a call.
import type { FunctionDefinition } from '../function-host.ts';
import { createProcessLauncher, type ProcessLauncherOptions } from './process-launcher.ts';

/** Undefined where nobody can say: it has one handler for all paths, or does not load. */
export function askRoutes(
  definition: FunctionDefinition,
  options: Omit<ProcessLauncherOptions, 'log'>,
): Promise<readonly string[] | undefined> {
  return new Promise(resolve => {
    const launch = createProcessLauncher(definition, { ...options, log() {} });
    launch({
      ready() {},
      loaded() {},
      described: resolve,
      failed: () => resolve(undefined),
      exited: () => resolve(undefined),
    });
  });
}
