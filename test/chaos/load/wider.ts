// All that the application is used for beside its one topic, its queue and its fan-out.
import type { Check } from '../checks/check.ts';
import type { Handler } from '../functions/work.ts';
import { batchesUse } from './batches.ts';
import { largeUse } from './large.ts';
import { mendedUse } from './mended.ts';
import { ordersUse } from './orders.ts';
import { readingsUse } from './readings.ts';
import { createSender, type Sender } from './sender.ts';
import { syncUse } from './sync.ts';
import type { Clients, UseSubject } from './use.ts';
import type { UseSite } from './use-site.ts';

export interface Wider {
  readonly handlers: Readonly<Record<string, Handler>>;
  start(site: UseSite, functions: string): WiderLoad;
  checks(subject: UseSubject): readonly Check[];
  /** How much there was, for people. */
  figures(): string;
}

export interface WiderLoad {
  readonly senders: readonly Sender[];
  /** Resolves when each has what it sent last acknowledged, and has done what was left to do. */
  stop(): Promise<void>;
  /** Nobody waits for anything any more. */
  abandon(): void;
}

export function createWider(): Wider {
  const uses = [
    readingsUse(),
    ordersUse(),
    mendedUse('mended', { holds: false, every: 10, hopelessEvery: 4, calls: 3 }),
    mendedUse('held', { holds: true, every: 25, hopelessEvery: 3, calls: 3 }),
    largeUse(),
    batchesUse(),
    syncUse(),
  ];
  return {
    handlers: Object.assign({}, ...uses.map(({ handlers }) => handlers)),
    checks: subject => uses.flatMap(use => use.checks(subject)),
    figures: () => uses.map(use => use.figures()).join(', '),
    start(site, functions) {
      const abandoned = new AbortController();
      const { signal } = abandoned;
      const sender = createSender(() => site.publicAddress(), signal);
      const internal = createSender(() => site.internalAddress(), signal);
      let stopping = false;
      const given: Clients = { site, functions, sender, internal, signal, isStopping: () => stopping };
      const running = Promise.all(uses.flatMap(use => use.clients(given)));
      running.catch(() => {});
      return {
        senders: [sender, internal],
        abandon: () => abandoned.abort(),
        async stop() {
          stopping = true;
          await running;
          for (const { finish } of uses) await finish?.(given);
        },
      };
    },
  };
}
