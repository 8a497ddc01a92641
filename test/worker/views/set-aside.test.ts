// Letters of events that a View can make nothing of: one for each event,
// told apart by their topics.
import assert from 'node:assert/strict';
import type { NewRecord, TopicSettings } from '../../../drivers/event-log/event-log.ts';
import { decodeDeadRecord } from '../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import { formatMark, SOURCE_HEADER } from '../../../worker/fold/source-mark.ts';
import { createSetAside } from '../../../worker/views/set-aside.ts';
import { Simulation } from '../../simulation/kernel/simulation.ts';

describe('what a View sets aside', () => {
  const record = (offset: number, headers: Record<string, string> = {}) => {
    return { offset, timestamp: 7, key: 'k', value: Buffer.from('{}'), headers };
  };

  it('has the same letter from its topic and from the internal one, and another for each topic and each partition', async () => {
    const { world } = new Simulation(1).process('p');
    const appended: NewRecord[] = [];
    const grown: string[] = [];
    const log = {
      append: async (topic: string, records: readonly NewRecord[]) => {
        assert.equal(topic, 'view.shop.orders.dead');
        appended.push(...records);
        return [];
      },
      ensureTopic: async (topic: string, settings: TopicSettings) => void grown.push(`${topic} ${settings.partitions}`),
    };
    const told: number[] = [];
    const setAside = createSetAside({
      world,
      log,
      namespace: 'shop',
      name: 'orders',
      deadLetters: { partitions: 8 },
      deadLettered: async ({ offset }) => void told.push(offset),
    });
    await setAside('created')(11, record(5), new Error('no key'));
    const from = formatMark({ topic: 'created', partition: 11, offset: 5, index: 0 });
    await setAside()(2, record(90, { [SOURCE_HEADER]: from }), new Error('no key'));
    await setAside('changed')(11, record(5), new Error('no key'));
    await setAside('created')(3, record(5), new Error('no key'));
    const ids = appended.map(({ partition = -1, ...rest }) => {
      const found = decodeDeadRecord(partition, { ...record(0), ...rest });
      if (found?.type !== 'letter') return assert.fail('no letter');
      return `${partition}-${found.letter.offset}`;
    });
    assert.equal(ids[0], ids[1]);
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(
      ids.map(id => id.split('-')[0]),
      ['11', '11', '11', '3'],
    );
    assert.deepEqual(grown, ['view.shop.orders.dead 12']);
    assert.equal(told.length, 4);
  });
});
