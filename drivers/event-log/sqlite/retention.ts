// Deletes again and again what retention no longer keeps, in slices; what fails is
// tried again at the next turn.
import type { World } from '../../../core/world.ts';
import type { Expired } from './expire.ts';
import type { Due, Keep, LogChange } from './requests.ts';
import { type MirroredTopics, type PartitionMirror, setBounds } from './topic-mirror.ts';

export interface RetentionOptions {
  readonly world: World;
  readonly everyMs: number;
  readonly topics: MirroredTopics;
  /** Looks without writing, as most of the time there is nothing to do. */
  due(keep: readonly Keep[]): Promise<Due>;
  change<T>(what: LogChange): Promise<T>;
}

export interface Retention {
  /** Resolves once the run under way has ended. */
  close(): Promise<void>;
}

export function startRetention(options: RetentionOptions): Retention {
  const { world, everyMs } = options;
  let isClosed = false;
  let running = Promise.resolve();
  const schedule = () =>
    world.after(everyMs, () => {
      const next = () => {
        if (!isClosed) timer = schedule();
      };
      running = applyRetention(options).then(next, next);
    });
  let timer = schedule();
  return {
    async close() {
      isClosed = true;
      timer.cancel();
      await running;
    },
  };
}

async function applyRetention({ world, topics, due, change }: RetentionOptions): Promise<void> {
  const mirrors = new Map<number, PartitionMirror>();
  const keeps = new Map<number, Keep>();
  for (const { settings, partitions } of topics.list()) {
    const { retentionMs, retentionBytes: maxBytes = null } = settings;
    const olderThan = retentionMs === undefined ? null : world.now() - retentionMs;
    for (const partition of partitions) {
      mirrors.set(partition.id, partition);
      keeps.set(partition.id, { partition: partition.id, olderThan, maxBytes });
    }
  }
  const found = await due([...keeps.values()]);
  for (const id of found.partitions) {
    const [keep, mirror] = [keeps.get(id), mirrors.get(id)];
    for (let more = keep !== undefined; more && keep && mirror; ) {
      const expired = await change<Expired>({ do: 'expire', ...keep });
      setBounds(mirror, expired.first, 0);
      more = expired.more;
    }
  }
  for (let more = found.remains; more; ) more = (await change<{ readonly more: boolean }>({ do: 'sweep' })).more;
}
