// Composes a platform in this process of its parts: catalog, functions, listeners
// of the gateway, admin API.
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { SignInCodes } from '../admin/console/sign-in-codes.ts';
import { realWorld, sleep, type World } from '../core/world.ts';
import { DebugPorts } from '../drivers/function-host/local/debug/debug-ports.ts';
import { createCallerKeys } from '../gateway/listeners/caller-keys.ts';
import { toDebugListener } from './functions/host-listener.ts';
import { type PlatformContext, platformParts } from './parts/platform-parts.ts';
import { RunningParts } from './parts/running-parts.ts';
import type { Platform, PlatformOptions } from './platform-options.ts';
import { STATE_FOLDER } from './state-file.ts';

export type { Platform };

/**
 * Starts everything or, when a port cannot be had or `signal` aborts before anything works,
 * nothing. Invalid resources are no reason not to start: see `view.catalog`.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const context = contextOf(options, realWorld);
  return startParts(context, new RunningParts(context.world, error => logStop(context, error)));
}

/** The values that all parts of a platform start from. */
export function contextOf(options: PlatformOptions, world: World): PlatformContext {
  const directory = resolve(options.directory);
  const { inspect } = options;
  const debugPorts = inspect && new DebugPorts(world, inspect, toDebugListener(options.events));
  return {
    options,
    world,
    callWorld: debugPorts?.world ?? world,
    debugPorts,
    directory,
    role: options.role ?? 'serve',
    dataFolder: options.dataDirectory ?? join(directory, STATE_FOLDER, 'data'),
    adminToken: options.adminToken ?? randomBytes(24).toString('base64url'),
    signInCodes: new SignInCodes(() => world.now()),
    keys: createCallerKeys(options.internalSecret ?? randomBytes(32).toString('base64url')),
    progress: {
      startedAt: world.now(),
      addresses: { public: '', internal: '', admin: '' },
      catalog: undefined,
      closing: false,
    },
    log: entry => options.events.gatewayLog?.(entry),
  };
}

/** When a part does not start, it stops those that did. */
export async function startParts(context: PlatformContext, running: RunningParts): Promise<Platform> {
  const { world, progress, adminToken } = context;
  try {
    const { view } = await platformParts(context).start(running);
    return {
      addresses: progress.addresses,
      adminToken,
      view,
      openConsole: () => `${progress.addresses.admin}/console/#code=${context.signInCodes.make()}`,
      async close(graceMs, noticeMs = 0) {
        progress.closing = true;
        running.drain();
        if (noticeMs > 0) await sleep(world, noticeMs);
        await running.stop(graceMs);
      },
    };
  } catch (error) {
    await running.stop(0);
    throw error;
  }
}

function logStop({ log }: PlatformContext, error: unknown): void {
  log({
    level: 'warn',
    message: 'a part did not end as it should; the others are ended all the same',
    fields: { reason: error instanceof Error ? error.stack : String(error) },
  });
}
