// The parts of a cluster that a platform needs to take its resources from there; the caller that
// starts the platform opens them.
import type { Authenticator } from '../../admin/access/authenticator.ts';
import type { ClusterStatus, NotInForce } from '../../admin/platform-view.ts';
import type { Whereabouts } from '../../drivers/function-host/cluster/whereabouts.ts';
import type { Callers } from '../../gateway/listeners/callers.ts';
import type { SecretReader } from '../../gateway/plan/plan-context.ts';
import type { Acceptor, Catalog, CatalogEvents } from '../../resources/catalog/catalog.ts';
import type { Assignment } from '../../resources/ownership/assignments.ts';

export interface ClusterSource {
  readonly whereabouts: Whereabouts;
  readonly secrets: SecretReader;
  /** Hosts and paths that are for one namespace each. */
  readonly assignments?: readonly Assignment[] | undefined;
  /** Address of the API server, as pods of that cluster see it; undefined outside of it. */
  readonly apiServer: string | undefined;
  /** Checks tokens at the internal listener; undefined where there is no listener. */
  readonly callers?: Callers | undefined;
  /** Finds out by the API server who calls the admin API; undefined where it is not asked. */
  readonly adminCallers?: Authenticator | undefined;
  /**
   * Resolves once everything was listed, however long the API server is away;
   * rejects when `signal` aborts.
   */
  open(options: ClusterSourceOptions): Promise<Catalog>;
  /** The status of an object; undefined while it has none. */
  statusOf(kind: string, namespace: string, name: string): ClusterStatus | undefined;
  /** Objects of which no version is in force. */
  notInForce(): readonly NotInForce[];
  /** Why resources are not there yet, one sentence each. */
  reasons(): readonly string[];
  /** Further metrics of the process, as Prometheus reads them. */
  metrics(): string;
}

export interface ClusterSourceOptions {
  readonly accept: Acceptor;
  readonly events: CatalogEvents;
  readonly signal: AbortSignal | undefined;
}

/**
 * Objects of a cluster come without files; their authors must not read the files of this machine.
 */
export function noFiles(): never {
  throw new Error(
    'a cluster has no files beside its objects. Bring it with "tenfold apply", which stores the schema with the Api',
  );
}
