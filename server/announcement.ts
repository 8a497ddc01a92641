// Tells the commands on this machine where the platform is, in its folder; a folder that cannot be written is no reason not to serve.
import type { Addresses } from '../admin/platform-view.ts';
import type { ResourceSet } from '../resources/resource-set.ts';
import type { GatewayLogEntry } from './platform-events.ts';
import { type PlatformState, removeState, writeState } from './state-file.ts';
import { packageVersion } from './version.ts';

export interface Announcement {
  /** Replaces the state that was written before. */
  say(state: PlatformState): void;
  withdraw(): void;
}

export function createAnnouncement(directory: string, log: (entry: GatewayLogEntry) => void): Announcement {
  let failed = false;
  return {
    say(state) {
      try {
        writeState(directory, state);
      } catch (error) {
        if (!failed) {
          const message =
            'the folder cannot be written: commands find this platform only by --admin URL and the token in TENFOLD_ADMIN_TOKEN';
          log({ level: 'warn', message, fields: { reason: error instanceof Error ? error.message : String(error) } });
        }
        failed = true;
      }
    },
    withdraw: () => removeState(directory),
  };
}

/** Where it is, and the keys of all namespaces that there are now. */
export function toState(
  addresses: Addresses,
  adminToken: string,
  keyFor: (namespace: string) => string,
  resources: ResourceSet | undefined,
): PlatformState {
  const namespaces = new Set(['default', ...(resources?.all ?? []).map(({ metadata }) => metadata.namespace)]);
  return {
    pid: process.pid,
    version: packageVersion,
    addresses,
    adminToken,
    internalKey: keyFor('default'),
    internalKeys: Object.fromEntries([...namespaces].map(namespace => [namespace, keyFor(namespace)])),
  };
}
