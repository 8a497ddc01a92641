// Finds the times of deliveries in whichever process made them. Each knows its own, and asks the
// others by a hint: whoever has made one answers.
import { hostname } from 'node:os';
import * as z from 'zod';
import { sleep, type World } from '../../../core/world.ts';
import type { Hints } from '../../../drivers/store/hints.ts';
import {
  type DeliveredAt,
  type ItemDelivery,
  type RecentDeliveries,
  type RecentDelivery,
  slowestOf,
} from '../../../worker/deliver/recent-deliveries.ts';

interface Measured {
  /** The host of the process that made it. */
  readonly host: string;
}

export type KnownDelivery = RecentDelivery & Measured;

/** The times that processes remember of the items of a job. */
export interface KnownItems {
  /** The slowest first. */
  readonly slowest: readonly (ItemDelivery & Measured)[];
  readonly timed: number;
}

export interface SharedDeliveries {
  /** Undefined where no process remembers it, or none has answered in time. */
  find(at: DeliveredAt): Promise<KnownDelivery | undefined>;
  /** `job`: the secret part of its id. */
  itemsOf(group: string, job: string): Promise<KnownItems>;
  close(): void;
}

export interface SharedDeliveriesOptions {
  readonly world: World;
  /** Of this process. An event is in one of them. */
  readonly recent: readonly RecentDeliveries[];
  /** Undefined where no other process has the storage. */
  readonly hints: Hints | undefined;
  /** Of this process. */
  readonly id: string;
}

const ASKED = 'deliveries asked';
const TOLD = 'deliveries told';
const ITEMS_ASKED = 'items asked';
const ITEMS_TOLD = 'items told';
/** The story of an event waits so long at most for the answers of others. */
const ANSWER_MS = 50;
/** Items that a story names. */
const SLOWEST = 5;

const question = z.object({ ask: z.string(), group: z.string(), partition: z.number(), offset: z.number() });
const delivery = z.object({
  startedAt: z.number(),
  ms: z.number(),
  attempt: z.number(),
  together: z.number(),
  host: z.string(),
});
const answer = delivery.extend({ ask: z.string() });
const itemsQuestion = z.object({ ask: z.string(), group: z.string(), job: z.string() });
const itemsAnswer = z.object({
  ask: z.string(),
  slowest: z.array(delivery.extend({ index: z.number() })).max(SLOWEST),
  timed: z.number(),
});

export function shareDeliveries({ world, recent, hints, id }: SharedDeliveriesOptions): SharedDeliveries {
  const host = hostname();
  const waiting = new Map<string, (found: KnownDelivery) => void>();
  const gathering = new Map<string, KnownItems[]>();
  let asked = 0;
  const ownOf = (at: DeliveredAt): KnownDelivery | undefined => {
    const found = recent.map(each => each.find(at)).find(each => each !== undefined);
    return found && { ...found, host };
  };
  const ownItemsOf = (group: string, job: string): KnownItems => {
    const { slowest, timed } = together(recent.map(each => each.itemsOf(group, job, SLOWEST)));
    return { slowest: slowest.map(each => ({ ...each, host })), timed };
  };
  const deaf = [
    hints?.listen(ASKED, message => {
      const wanted = parse(question, message);
      const found = wanted && ownOf(wanted);
      if (wanted && found) hints.tell(TOLD, JSON.stringify({ ask: wanted.ask, ...found }));
    }),
    hints?.listen(TOLD, message => {
      const { ask = '', ...found } = parse(answer, message) ?? {};
      if ('host' in found) waiting.get(ask)?.(found);
    }),
    hints?.listen(ITEMS_ASKED, message => {
      const wanted = parse(itemsQuestion, message);
      const found = wanted && ownItemsOf(wanted.group, wanted.job);
      if (wanted && found && found.timed > 0) hints.tell(ITEMS_TOLD, JSON.stringify({ ask: wanted.ask, ...found }));
    }),
    hints?.listen(ITEMS_TOLD, message => {
      const told = parse(itemsAnswer, message);
      if (told) gathering.get(told.ask)?.push(told);
    }),
  ];
  return {
    async find({ group, partition, offset }) {
      const own = ownOf({ group, partition, offset });
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
    async itemsOf(group, job) {
      const own = ownItemsOf(group, job);
      if (hints === undefined) return own;
      const ask = `${id}/${++asked}`;
      const all = [own];
      gathering.set(ask, all);
      hints.tell(ITEMS_ASKED, JSON.stringify({ ask, group, job }));
      await sleep(world, ANSWER_MS);
      gathering.delete(ask);
      return together(all);
    },
    close() {
      for (const end of deaf) end?.();
    },
  };
}

/** An item that two processes have worked is told as the slower of the two. */
function together<T extends ItemDelivery>(
  all: readonly { readonly slowest: readonly T[]; readonly timed: number }[],
): { readonly slowest: readonly T[]; readonly timed: number } {
  const sorted = slowestOf(
    all.flatMap(({ slowest }) => slowest),
    SLOWEST * all.length,
  );
  const once = [...new Map(sorted.toReversed().map(each => [each.index, each])).values()];
  return { slowest: slowestOf(once, SLOWEST), timed: all.reduce((sum, { timed }) => sum + timed, 0) };
}

/** Undefined for the message of another release that this one cannot read. */
function parse<T>(schema: z.ZodType<T>, message: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}
