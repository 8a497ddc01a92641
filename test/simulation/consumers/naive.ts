// A plain consumer as one writes it first: retries in memory, then gives up; commits as it goes.
// The harness must find it wanting.
import { sleep } from '../../../core/world.ts';
import type { OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import { EPOCH } from '../kernel/virtual-time.ts';
import { createBlankTruth } from '../model/truth.ts';
import { type Consumer, type ConsumerOptions, GROUP, TOPIC } from './consumer.ts';

/**
 * `commit`: when the position moves on. `attempts`: how often a failing event is
 * tried before it is dropped.
 */
export function createNaiveConsumer(commit: 'before' | 'after', attempts: number): Consumer {
  return {
    name: `naive, commits ${commit}, ${attempts} attempts`,
    hasParkingLog: false,
    truth: broker => createBlankTruth(EPOCH, () => broker.simulation.processes.length),
    async start(options) {
      const member = await options.log.join({
        group: GROUP,
        topics: [TOPIC],
        assigned: owned => void work(owned, options).catch(() => {}),
      });
      return { close: () => member.leave() };
    },
  };

  async function work(owned: OwnedPartition, { world, limits, destination }: ConsumerOptions): Promise<void> {
    const again = async <T>(act: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await act();
        } catch (error) {
          if (owned.lost.aborted) throw error;
          await sleep(world, 100);
        }
      }
    };
    const from = (await again(() => owned.committed()))?.offset ?? 0;
    const reader = owned.open(TOPIC, from);
    while (!owned.lost.aborted) {
      const { records } = await again(() =>
        reader.next({ maxRecords: limits.readRecords, maxBytes: 1_000_000 }, owned.lost),
      );
      for (const record of records) {
        const position = { offset: record.offset + 1, metadata: '' };
        if (commit === 'before') await again(() => owned.commit(position));
        for (let attempt = 1; attempt <= attempts && !owned.lost.aborted; attempt++) {
          const item = { partition: owned.partition, record, attempt };
          const [outcome] = await destination.deliver([item], owned.lost);
          if (outcome?.kind === 'done') break;
          await sleep(world, limits.initialMs);
        }
        if (commit === 'after') await again(() => owned.commit(position));
      }
    }
  }
}
