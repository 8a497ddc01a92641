// Whether a process may be sent requests, and what is missing.
import type { Readiness } from '../admin/platform-view.ts';
import type { Role } from './config/roles.ts';

export interface ReadinessOptions {
  readonly role: Role;
  /** What the process itself lacks, one sentence each. */
  own(): readonly string[];
  /** What is missing of what all processes share. */
  shared(): readonly string[];
  /** What is wrong with the disk that this process keeps everything on. */
  disk?(): readonly string[];
}

/**
 * A gateway that has once had all it needs stays ready while a service is away: all gateways lack it at the same moment, and to take them all
 * out would refuse also the requests that need none of it. Before that it is not, so that a release which cannot reach its services replaces none.
 * A disk that fails never makes it unready: no other process has what is on it, and requests that publish nothing are still answered.
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
