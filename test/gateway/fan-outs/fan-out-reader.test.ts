// A job of a FanOut that is looked for while its store fails over: it is waiting, and not gone.
import assert from 'node:assert/strict';
import { toFactRecord } from '../../../core/fan-outs/facts.ts';
import { fanOutLayoutOf } from '../../../core/fan-outs/layout.ts';
import { createFanOutReader } from '../../../gateway/fan-outs/fan-out-reader.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';

const layout = fanOutLayoutOf('default', 'sums');
const NONCE = '0123456789abcdef';

describe('a job of a fan-out without a row', () => {
  /** `positions`: as they are read, one after the other. */
  const find = async (...positions: readonly number[]) => {
    const log = createFakeLog();
    await log.append(layout.facts, [toFactRecord(NONCE, 0, { kind: 'start', owner: '' })]);
    const left = [...positions];
    const position = async () => left.shift() ?? positions.at(-1);
    const store = { position, row: async () => undefined, rows: async () => [] };
    const reader = createFanOutReader({ log, store: store as never }, 'sums', layout);
    const found = await reader.find(`0-0-${NONCE}`);
    return typeof found === 'object' ? found.view.state : found;
  };

  it('is queued where the store has lost it while it was looked for, and will fold it anew', async () => {
    assert.equal(await find(1, 0), 'queued');
  });

  it('is gone where it stays without one', async () => {
    assert.equal(await find(1), 'gone');
  });
});
