// Whether a process may get requests, and the reasons why not.
import type { Readiness } from '../../admin/platform-view.ts';
import type { Role } from '../config/roles.ts';

export interface ReadinessOptions {
  readonly role: Role;
  /** The needs of the process itself that are not met, one sentence each. */
  own(): readonly string[];
  /** The missing ones among the services that all processes share. */
  shared(): readonly string[];
  /** Faults of the disk that this process keeps everything on. */
  disk?(): readonly string[];
}

/**
 * A gateway that has once had all it needs stays ready while a service is away. All gateways lack
 * it at the same moment, and to take them all out would also refuse requests that need none of it.
 * Before that moment the gateway is not ready, so that a release which cannot reach its services
 * replaces none. A disk that fails never makes it unready: no other process has the data on it, and
 * requests that publish nothing are still answered.
 */
export function createReadiness({ role, own, shared, disk = () => [] }: ReadinessOptions): () => Readiness {
  let hadAll = false;
  return () => {
    const [mine, others] = [own(), shared()];
    hadAll ||= mine.length === 0 && others.length === 0;
    const ready = mine.length === 0 && (others.length === 0 || (role === 'gateway' && hadAll));
    return { ready, reasons: [...mine, ...others, ...disk()] };
  };
}
