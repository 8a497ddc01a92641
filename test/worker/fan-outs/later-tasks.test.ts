// Jobs of fan-outs of which a later release has written are neither divided, worked nor gathered
// here: what is to be done for them waits.
import assert from 'node:assert/strict';
import { fanOutLayoutOf } from '../../../core/fan-outs/layout.ts';
import { realWorld } from '../../../core/world.ts';
import type { Destination } from '../../../worker/deliver/destination.ts';
import type { FanOutSite } from '../../../worker/fan-outs/fan-out-settings.ts';
import { createGatherDestination, gatherDeadLettered } from '../../../worker/fan-outs/gather-destination.ts';
import { createItemsDestination } from '../../../worker/fan-outs/items-destination.ts';
import { createJobWatch } from '../../../worker/fan-outs/job-watch.ts';
import { createSplitDestination } from '../../../worker/fan-outs/split-destination.ts';
import { itemOf, never } from '../deliver/items.ts';

const NONCE = '0123456789abcdef';
const mustNot = (what: string) => () => assert.fail(`it is ${what}`);

describe('what is to be done for jobs of fan-outs of which a later release has written', () => {
  const row = { key: NONCE, value: Buffer.from(`{"v":2,"id":"0-0-${NONCE}","acceptedAt":1}`), version: '' };
  const site = {
    world: realWorld,
    store: { row: async () => row, get: mustNot('looked up how far it is divided') },
    log: { append: mustNot('told') },
    blobs: undefined,
    settings: { namespace: 'default', name: 'sums', layout: fanOutLayoutOf('default', 'sums') },
  } as unknown as FanOutSite;
  const item = itemOf({}, { headers: { 'tenfold-job': NONCE, 'tenfold-home': '0', 'tenfold-index': '0' } });
  const destinations: Record<string, Destination> = {
    divided: createSplitDestination(site, { repeatable: true, open: mustNot('divided') }),
    worked: createItemsDestination({
      site,
      watch: createJobWatch(site),
      inner: { label: 'worker', deliver: mustNot('worked') },
      later: false,
    }),
    gathered: createGatherDestination({
      site,
      caller: { label: 'gatherer', call: mustNot('gathered') },
      timeoutMs: 1000,
    }),
  };

  for (const [what, destination] of Object.entries(destinations))
    it(`waits to be ${what}`, async () => {
      const [outcome] = await destination.deliver([item], never);
      assert.partialDeepStrictEqual(outcome as object, { kind: 'later', error: { status: 503 } });
      assert.match(JSON.stringify(outcome), /the state of job 0-0-[0-9a-f]{16} has version 2, of a later release/);
    });

  it('is not told to have failed', async () => {
    const { partition, record } = item;
    const rest = { generation: 0, reason: 'exhausted', error: undefined, attempts: 1, at: 1, held: false } as const;
    const letter = { partition, offset: record.offset, record, ...rest };
    await assert.rejects(gatherDeadLettered(site, letter), { code: 'later-release' });
  });
});
