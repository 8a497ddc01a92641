// Trims the log of settled jobs and callbacks. Their topics have no retention by age, as a job may
// wait as long as it likes.
import { every } from '../../core/retry/every.ts';
import type { World } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Keys } from '../../drivers/store/store.ts';

export interface TrimmedTopic {
  readonly topic: string;
  /** The group whose settled records are deleted. */
  readonly group: string;
  /**
   * Younger records stay all the same: as long as people look for them. Milliseconds by the store's
   * clock, as rows live by that.
   */
  readonly keepMs: number;
}

export interface LogTrimmer {
  /** A function is asked each time. */
  apply(topics: readonly TrimmedTopic[] | (() => readonly TrimmedTopic[])): void;
  close(): void;
}

const EVERY_MS = 60_000;

export function trimSettled(
  world: World,
  log: Pick<EventLog, 'bounds' | 'positions' | 'offsetAt' | 'trim'>,
  store: Pick<Keys, 'now'>,
  problem: (message: string, error: unknown) => void,
): LogTrimmer {
  const closing = new AbortController();
  let topics: () => readonly TrimmedTopic[] = () => [];

  const trim = async ({ topic, group, keepMs }: TrimmedTopic) => {
    const bounds = (await log.bounds(topic)) ?? [];
    const positions = await log.positions(group, topic);
    for (const [partition, { start }] of bounds.entries()) {
      const settled = positions[partition]?.offset ?? start;
      if (settled <= start) continue;
      const before = Math.min(settled, await log.offsetAt(topic, partition, (await store.now()) - keepMs));
      if (before > start) await log.trim(topic, partition, before);
    }
  };

  const { signal } = closing;
  const run = async () => {
    for (const each of topics()) {
      if (signal.aborted) return;
      await trim(each).catch(error => problem(`The topic ${each.topic} could not be trimmed`, error));
    }
  };
  void every(EVERY_MS, run, { world, signal });

  return {
    apply(next) {
      topics = typeof next === 'function' ? next : () => next;
    },
    close: () => closing.abort(),
  };
}
