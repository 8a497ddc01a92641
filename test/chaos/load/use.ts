// One use of the platform: what its functions do, what its clients send while things break, what
// they still do when all is whole again, and what holds in the end.
import { setTimeout as pause } from 'node:timers/promises';
import type { Check } from '../checks/check.ts';
import type { Records } from '../checks/records.ts';
import type { Handler } from '../functions/work.ts';
import type { Sender } from './sender.ts';
import type { UseSite } from './use-site.ts';

export interface Use {
  /** What the application calls, by name. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Each resolves when they are stopping, and what was sent last is taken. */
  clients(given: Clients): readonly Promise<void>[];
  /** Once all runs again, before anything is checked. */
  finish?(given: Clients): Promise<void>;
  checks(subject: UseSubject): readonly Check[];
  /** How much there was, for people. */
  figures(): string;
}

export interface Clients {
  readonly site: UseSite;
  /** Address of the functions. */
  readonly functions: string;
  readonly sender: Sender;
  /** At the internal listener, as a service of the namespace. */
  readonly internal: Sender;
  readonly signal: AbortSignal;
  isStopping(): boolean;
}

export interface UseSubject {
  readonly site: UseSite;
  readonly records: Pick<Records, 'of' | 'byPartition'>;
  /**
   * Whether the store may have forgotten something of between these times, milliseconds since 1970.
   */
  mayHaveForgotten(from: number, until: number): boolean;
}

/** One after the other, numbered from 1 on, with a pause after each. */
export async function each(
  { isStopping, signal }: Clients,
  everyMs: number,
  send: (number: number) => Promise<void>,
): Promise<void> {
  for (let number = 1; !isStopping(); number++) {
    await send(number);
    await pause(everyMs, undefined, { signal });
  }
}
