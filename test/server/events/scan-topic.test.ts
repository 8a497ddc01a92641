// A look through a topic shares the process with all else: whatever its filter takes, others have
// their turns meanwhile, and it ends in time.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import type { LogRecord, ReadLimits } from '../../../drivers/event-log/event-log.ts';
import { type ScanRequest, scanTopic } from '../../../server/events/topics/scan-topic.ts';

const EVENTS = 1000;
const headers = { ce_specversion: '1.0', ce_source: '/shop', ce_type: 'OrderCreated' };

/** It never lets others have a turn: only what looks through it can. */
const log = {
  async read(_topic: string, _partition: number, from: number, { maxRecords }: ReadLimits) {
    const count = Math.min(maxRecords, EVENTS - from);
    const records = Array.from({ length: count }, (_, index): LogRecord => {
      const offset = from + index;
      return {
        offset,
        timestamp: offset,
        key: null,
        value: Buffer.alloc(0),
        headers: { ...headers, ce_id: `e${offset}` },
      };
    });
    return { records, next: from + count, bounds: { start: 0, end: EVENTS } };
  },
};

function requestOf(more: Partial<ScanRequest>): ScanRequest {
  return {
    world: realWorld,
    log,
    topic: 'default.orders',
    from: { places: [{ partition: 0, next: 0, end: EVENTS }], total: EVENTS, all: true },
    selects: () => false,
    mask: undefined,
    limit: 10,
    dataBytes: 0,
    budget: { records: 100_000, bytes: 1e9, shownBytes: 1e9, ms: 600_000 },
    signal: new AbortController().signal,
    ...more,
  };
}

/** As a filter does that takes long. */
function takeMs(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

describe('a look through a topic', () => {
  it('lets others have their turns while its filter takes long', async () => {
    let turns = 0;
    let going = true;
    const turn = () => {
      turns++;
      if (going) setImmediate(turn);
    };
    setImmediate(turn);
    const selects = ({ offset }: LogRecord) => {
      takeMs(offset < 200 ? 1 : 0);
      return false;
    };
    const { ended, scanned } = await scanTopic(requestOf({ selects }));
    going = false;
    assert.deepEqual([ended, scanned], ['end', EVENTS]);
    assert.ok(turns >= 5, `${turns} turns in 200 ms`);
  });

  it('ends in time however long its filter takes for one event', async () => {
    let asked = 0;
    const selects = () => {
      asked++;
      takeMs(5);
      return true;
    };
    const budget = { records: 100_000, bytes: 1e9, shownBytes: 1e9, ms: 20 };
    const { ended, position } = await scanTopic(requestOf({ selects, budget, limit: 1000 }));
    assert.equal(ended, 'time');
    assert.ok(asked <= 4, `${asked} events in 20 ms, 5 ms each`);
    assert.equal(position.places[0]?.next, asked);
  });

  it('ends with who asked for it, also within what it has read', async () => {
    const leave = new AbortController();
    const selects = () => {
      takeMs(1);
      setImmediate(() => leave.abort(new Error('gone')));
      return false;
    };
    await assert.rejects(scanTopic(requestOf({ selects, signal: leave.signal })), /gone/);
  });
});
