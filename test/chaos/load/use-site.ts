// The endpoints of an installation as uses ask for them: another process each time.
import type { Addresses } from '../../../admin/platform-view.ts';
import { variablesOf } from '../../processes/start-process.ts';

/** What an installation is asked, whichever it is. */
export interface UseSite {
  readonly namespace: string;
  /** Address of a gateway. */
  publicAddress(): string;
  /** The same of internal listeners. */
  internalAddress(): string;
  /** Addresses of the admin APIs of all that have consumers. */
  adminAddresses(): readonly string[];
}

export interface RunningParts {
  gateways(): readonly Addresses[];
  workers(): readonly Addresses[];
}

export function useSiteOf(namespace: string, { gateways, workers }: RunningParts): UseSite {
  let turn = 0;
  const next = () => {
    const all = gateways();
    return all[turn++ % all.length];
  };
  return {
    namespace,
    publicAddress: () => next()?.public ?? '',
    internalAddress: () => next()?.internal ?? '',
    adminAddresses: () => workers().map(({ admin }) => admin),
  };
}

/**
 * What the keys of internal listeners are made of, in processes that share services, and
 * in those that are told so.
 */
export function internalSecretOf(namespace: string): string {
  return variablesOf({ kafka: '', redis: '', prefix: namespace })['TENFOLD_INTERNAL_SECRET'] ?? '';
}
