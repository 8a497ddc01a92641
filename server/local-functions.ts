// Functions of a laptop: processes of this one, with what they need to reach it.
import { join } from 'node:path';
import { realWorld } from '../core/world.ts';
import type { FunctionHost } from '../drivers/function-host/function-host.ts';
import { createLocalHost } from '../drivers/function-host/local/local-host.ts';
import { toHostListener } from './host-listener.ts';
import type { PlatformOptions } from './platform-options.ts';
import { runtimeCommand } from './runtime-command.ts';
import { STATE_FOLDER } from './state-file.ts';

/** `access`: variables by which functions of a namespace reach the internal doors. */
export function createLocalFunctions(
  { watch, logLevel, events }: PlatformOptions,
  directory: string,
  access: (namespace: string) => Readonly<Record<string, string>>,
): FunctionHost {
  return createLocalHost({
    world: realWorld,
    runtime: runtimeCommand(),
    environment: ({ namespace }) => ({
      ...access(namespace),
      ...(logLevel === undefined ? {} : { TENFOLD_LOG_LEVEL: logLevel }),
      // Compiled code of functions and their packages, so that the next start need not compile again.
      NODE_COMPILE_CACHE: join(directory, STATE_FOLDER, 'compile-cache'),
    }),
    watch,
    listener: toHostListener(events),
  });
}
