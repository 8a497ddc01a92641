// Tells the commands on this machine where the platform is, in its folder; a folder that cannot be
// written is no reason not to serve.
import type { Addresses } from '../admin/platform-view.ts';
import type { CallerKeys } from '../gateway/listeners/caller-keys.ts';
import type { ResourceSet } from '../resources/resource-set.ts';
import type { Role } from './config/roles.ts';
import type { PlanInForce } from './plan-in-force.ts';
import type { GatewayLogEntry } from './platform-events.ts';
import { type PlatformState, removeState, writeState } from './state-file.ts';
import { packageVersion } from './version.ts';

export interface Announcer {
  /** Writes where the platform is, once its public listener listens. */
  announce(): void;
  withdraw(): void;
}

export interface AnnouncerOptions {
  /** A process in a pod is silent where it cannot write: no command reads the file there. */
  readonly inPod: boolean;
  readonly role: Role;
  readonly directory: string;
  readonly adminToken: string;
  readonly keys: Pick<CallerKeys, 'keyFor'>;
  readonly progress: { readonly addresses: Addresses; readonly closing: boolean };
  readonly inForce: Pick<PlanInForce, 'resources'>;
  readonly log: (entry: GatewayLogEntry) => void;
}

export function createAnnouncer(options: AnnouncerOptions): Announcer {
  const { inPod, role, directory, adminToken, keys, progress, inForce, log } = options;
  let failed = false;
  const failure = (error: unknown) => {
    if (failed || inPod) return;
    failed = true;
    log({
      level: 'warn',
      message:
        'the folder cannot be written: commands find this platform only by --admin URL and the token in TENFOLD_ADMIN_TOKEN',
      fields: { reason: error instanceof Error ? error.message : String(error) },
    });
  };
  return {
    announce() {
      const { addresses, closing } = progress;
      if (role !== 'serve' || addresses.public === '' || closing) return;
      try {
        writeState(directory, toState(addresses, adminToken, keys.keyFor, inForce.resources));
      } catch (error) {
        failure(error);
      }
    },
    withdraw: () => removeState(directory),
  };
}

/** The addresses of the platform, and the keys of all namespaces that exist now. */
function toState(
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
