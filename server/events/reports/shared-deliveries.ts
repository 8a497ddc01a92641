// Finds the times of a delivery in whichever process made it. Each knows its own, and asks the
// others by a hint: whoever has made it answers.
import { hostname } from 'node:os';
import * as z from 'zod';
import { sleep, type World } from '../../../core/world.ts';
import type { Hints } from '../../../drivers/store/hints.ts';
import type { RecentDeliveries, RecentDelivery } from '../../../worker/deliver/recent-deliveries.ts';

export interface KnownDelivery extends RecentDelivery {
  /** The host of the process that made it. */
  readonly host: string;
}

export interface SharedDeliveries {
  /** Undefined where no process remembers it, or none has answered in time. */
  find(group: string, partition: number, offset: number): Promise<KnownDelivery | undefined>;
  close(): void;
}

export interface SharedDeliveriesOptions {
  readonly world: World;
  readonly recent: RecentDeliveries;
  /** Undefined where no other process has the storage. */
  readonly hints: Hints | undefined;
  /** Of this process. */
  readonly id: string;
}

const ASKED = 'deliveries asked';
const TOLD = 'deliveries told';
/** The story of an event waits so long at most for the answers of others. */
const ANSWER_MS = 50;

const question = z.object({ ask: z.string(), group: z.string(), partition: z.number(), offset: z.number() });
const answer = z.object({
  ask: z.string(),
  startedAt: z.number(),
  ms: z.number(),
  attempt: z.number(),
  together: z.number(),
  host: z.string(),
});

export function shareDeliveries({ world, recent, hints, id }: SharedDeliveriesOptions): SharedDeliveries {
  const host = hostname();
  const waiting = new Map<string, (found: KnownDelivery) => void>();
  let asked = 0;
  const ownOf = (group: string, partition: number, offset: number): KnownDelivery | undefined => {
    const found = recent.find(group, partition, offset);
    return found && { ...found, host };
  };
  const deaf = [
    hints?.listen(ASKED, message => {
      const wanted = parse(question, message);
      const found = wanted && ownOf(wanted.group, wanted.partition, wanted.offset);
      if (wanted && found) hints.tell(TOLD, JSON.stringify({ ask: wanted.ask, ...found }));
    }),
    hints?.listen(TOLD, message => {
      const { ask = '', ...found } = parse(answer, message) ?? {};
      if ('host' in found) waiting.get(ask)?.(found);
    }),
  ];
  return {
    async find(group, partition, offset) {
      const own = ownOf(group, partition, offset);
      if (own !== undefined || hints === undefined) return own;
      const ask = `${id}/${++asked}`;
      const { promise, resolve } = Promise.withResolvers<KnownDelivery>();
      waiting.set(ask, resolve);
      hints.tell(ASKED, JSON.stringify({ ask, group, partition, offset }));
      try {
        return await Promise.race([promise, sleep(world, ANSWER_MS).then(() => undefined)]);
      } finally {
        waiting.delete(ask);
      }
    },
    close() {
      for (const end of deaf) end?.();
    },
  };
}

/** Undefined for the message of another release that this one cannot read. */
function parse<T>(schema: z.ZodType<T>, message: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}
