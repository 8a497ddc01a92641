// Removes what nobody finds any more: documents whose time is over become deletions, old deletions
// go. The server's delete-by-query is not needed.
import { jittered } from '../../../core/retry/backoff.ts';
import type { Timer, World } from '../../../core/world.ts';
import type { ServedClock } from '../../served-clock.ts';
import { TOMBSTONE_MS } from '../tombstone.ts';
import type { ElasticsearchLink } from './link.ts';
import { type ElasticsearchIndex, EXPIRES, GONE } from './mapping.ts';
import { tombstoneText } from './stored.ts';
import { type Operation, operationOf, write } from './write.ts';

export interface SweepSite {
  readonly world: World;
  /** The server's clock, so that a document expires for all processes at once. */
  readonly clock: ServedClock;
  readonly link: ElasticsearchLink;
}

export interface IndexSweepOptions extends SweepSite {
  /** The indexes that this process writes: other processes look after theirs. */
  indexes(): readonly ElasticsearchIndex[];
}

const EVERY_MS = 300_000;
const SLICE = 500;
/** Slices of one index at one time; the rest follow the next time. */
const MAX_SLICES = 200;

export function startSweep(options: IndexSweepOptions): { close(): Promise<void> } {
  const { world, indexes } = options;
  let closed = false;
  let timer: Timer | undefined;
  let running: Promise<void> = Promise.resolve();
  const wait = () => {
    if (closed) return;
    timer = world.after(jittered(EVERY_MS, world.random()), () => {
      running = look();
    });
  };
  const look = async () => {
    for (const index of indexes()) {
      try {
        for (let slices = 0; !closed && slices < MAX_SLICES && (await sweepIndex(options, index)) === SLICE; slices++);
      } catch {
        // An index that is gone or cannot be reached is told of by those who need it; what is
        // left is swept the next time.
      }
    }
    wait();
  };
  wait();
  return {
    async close() {
      closed = true;
      timer?.cancel();
      await running;
    },
  };
}

interface Stored {
  readonly [GONE]?: number;
}

/**
 * Answers how many documents were examined, at most a slice. A document written meanwhile has a
 * higher version and stays.
 */
export async function sweepIndex({ world, clock, link }: SweepSite, index: ElasticsearchIndex): Promise<number> {
  const now = await clock.now();
  const isOver = (field: string) => ({ range: { [field]: { lte: now } } });
  const { hits } = await link.ask(0, (client, options) =>
    client.search<Stored>(
      {
        index: index.name,
        size: SLICE,
        version: true,
        _source: [GONE],
        query: { bool: { filter: { bool: { should: [isOver(EXPIRES), isOver(GONE)] } } } },
      },
      options,
    ),
  );
  const operations = hits.hits.map((hit, at): Operation => {
    const body = hit._source?.[GONE] === undefined ? tombstoneText(now + TOMBSTONE_MS) : undefined;
    return operationOf(at, hit._id ?? '', hit._version ?? 0, 'external_gte', body);
  });
  if (operations.length === 0) return 0;
  await write(world, link, index, operations, []);
  // The next search must not find the removed documents again.
  await link.ask(0, (client, options) => client.indices.refresh({ index: index.name }, options));
  return operations.length;
}
