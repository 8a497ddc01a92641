// The step that leaves out what came before: it goes by the time of the log alone, whoever reads
// when, how fast and how often.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SOURCE_TIME_HEADER } from '../../../core/wire.ts';
import type { Keys, PutOptions, PutOutcome } from '../../../drivers/store/store.ts';
import { dedupeStep } from '../../../worker/pipelines/flow/asking-steps.ts';
import { type First, isFirstOfKey } from '../../../worker/pipelines/flow/first-of-key.ts';
import { createLeftOut } from '../../../worker/pipelines/flow/flow-tools.ts';
import type { FlowItem } from '../../../worker/pipelines/flow/item.ts';

const WINDOW_MS = 1_000;
const HOUR_MS = 3_600_000;
/** Events of one key. */
const MOST = 14;

/** A key of the store, with its clock. */
class OneKey implements Pick<Keys, 'put'> {
  now = 0;
  #entry: { readonly value: Buffer; readonly version: string; readonly until: number } | undefined;
  #versions = 0;

  async put(_: string, __: string, value: Uint8Array | string, options: PutOptions): Promise<PutOutcome> {
    const entry = this.#entry && this.#entry.until > this.now ? this.#entry : undefined;
    const { when } = options;
    const isMet = when === undefined || (when === 'absent' ? entry === undefined : entry?.version === when.version);
    if (!isMet) return { written: false, entry };
    const version = String(++this.#versions);
    this.#entry = { value: Buffer.from(value), version, until: this.now + options.ttlMs };
    return { written: true, version };
  }
}

/**
 * The first of all, and each that comes longer than the window after the one
 * before that was let through.
 */
function modelOf(times: readonly number[]): boolean[] {
  let last = Number.NEGATIVE_INFINITY;
  return times.map(time => {
    if (time - last <= WINDOW_MS) return false;
    last = time;
    return true;
  });
}

const ask = (store: Pick<Keys, 'put'>, first: First) =>
  isFirstOfKey(store, { scope: 's', key: 'k', first, windowMs: WINDOW_MS });

describe('dedupe', () => {
  it('lets the same events through however slowly they are read, and from wherever they are read again', async () => {
    const gaps = fc.array(fc.record({ logMs: fc.nat(3 * WINDOW_MS), readMs: fc.nat(Math.floor(HOUR_MS / MOST)) }), {
      maxLength: MOST,
    });
    await fc.assert(
      fc.asyncProperty(gaps, fc.array(fc.nat(MOST), { maxLength: 3 }), async (events, replays) => {
        const store = new OneKey();
        let at = 0;
        const times = events.map(({ logMs }) => (at += logMs));
        const model = modelOf(times);
        for (const [round, from] of [0, ...replays].entries()) {
          for (let index = from; index < events.length; index++) {
            // The store forgets an hour after the window: more than all of this takes.
            if (round === 0) store.now += events[index]?.readMs ?? 0;
            const isFirst = await ask(store, [`0-${index}`, times[index] ?? 0]);
            assert.equal(isFirst, model[index], `${index} of ${times.join()}, from ${from}`);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('lets one of several through that many workers ask for at once', async () => {
    const store = new OneKey();
    await ask(store, ['0-0', 0]);
    const asked = Array.from({ length: 50 }, (_, worker) => ask(store, [`${worker}-1`, 10 * WINDOW_MS + worker]));
    assert.equal((await Promise.all(asked)).filter(isFirst => isFirst).length, 1);
  });

  it('takes what an earlier release has kept for the first one', async () => {
    const store = new OneKey();
    await store.put('s', 'k', '0-7', { ttlMs: HOUR_MS });
    assert.equal(await ask(store, ['0-7', 5]), true);
    assert.equal(await ask(store, ['0-9', 5]), false);
  });

  it('goes by when the event was appended to the Topic, also behind other steps, and in the order of the log', async () => {
    const store = new OneKey();
    const asked: string[] = [];
    const isFirst = (_: string, __: string, item: FlowItem, windowMs: number) => {
      asked.push(item.place);
      const time = Number(item.cause.record.headers[SOURCE_TIME_HEADER] ?? item.cause.record.timestamp);
      return isFirstOfKey(store, { scope: 's', key: 'k', first: [item.place, time], windowMs });
    };
    const step = dedupeStep({ by: '${event.id}', window: WINDOW_MS }, 'dedupe/0');
    const leftOut = createLeftOut();
    const items = [0, 500, 3_000, 3_900].map((time, index) => itemOf(index, time));
    const run = { tools: { isFirst }, leftOut, refuse: () => assert.fail('none is refused') };
    const through = await step(items, run as never);
    assert.deepEqual(
      through.map(({ place }) => place),
      ['0-0', '0-2'],
    );
    assert.deepEqual(asked, ['0-0', '0-1', '0-2', '0-3']);
    assert.equal(leftOut.deduplicated, 2);
  });
});

function itemOf(offset: number, time: number): FlowItem {
  const event = { specversion: '1.0', id: 'e', source: '/t', type: 'T' } as const;
  const headers = { [SOURCE_TIME_HEADER]: String(time) };
  const record = { offset, timestamp: 9 * HOUR_MS, key: null, value: Buffer.alloc(0), headers };
  return { event, place: `0-${offset}`, cause: { partition: 0, record } };
}
