// The trace of a gathering is that of the event that began its job, and costs no read of its own
// where no spans are recorded.
import assert from 'node:assert/strict';
import { encodeFanOutJob, encodeWithHead, type FanOutJob } from '../../../core/fan-outs/job.ts';
import { fanOutLayoutOf, INPUTS_TABLE } from '../../../core/fan-outs/layout.ts';
import type { TraceContext } from '../../../core/trace-context.ts';
import { realWorld } from '../../../core/world.ts';
import type { NewRecord } from '../../../drivers/event-log/event-log.ts';
import type { FanOutSite } from '../../../worker/fan-outs/fan-out-settings.ts';
import { createGatherDestination } from '../../../worker/fan-outs/gather-destination.ts';
import { createOutboxHandler } from '../../../worker/fan-outs/outbox-handler.ts';
import { itemOf, never } from '../deliver/items.ts';

const NONCE = '0123456789abcdef';
const TRACE = '1'.repeat(32);
const TRACEPARENT = `00-${TRACE}-${'2'.repeat(16)}-01`;

describe('the trace of a gathering', () => {
  function start() {
    const job = { id: `0-0-${NONCE}`, acceptedAt: 1, state: 'gathering', generation: 0 } as FanOutJob;
    const read: string[] = [];
    const appended: NewRecord[] = [];
    const site = {
      world: realWorld,
      store: {
        async row(_: string, table: string) {
          read.push(table);
          const input = encodeWithHead({ traceparent: TRACEPARENT }, Buffer.from('{}'));
          return { key: NONCE, value: table === INPUTS_TABLE ? input : encodeFanOutJob(job), version: '' };
        },
      },
      log: {
        async append(_: string, records: readonly NewRecord[]) {
          appended.push(...records);
        },
      },
      blobs: undefined,
      settings: { namespace: 'default', name: 'sums', layout: fanOutLayoutOf('default', 'sums') },
    } as unknown as FanOutSite;
    return { site, read, appended };
  }

  async function handOn(traced: boolean) {
    const { site, read, appended } = start();
    const mustNot = () => assert.fail('it is not asked for');
    const options = { site, traced, itemLetters: mustNot, splitLetters: mustNot, announce: mustNot, ended: mustNot };
    const entry = { nonce: NONCE, entry: { kind: 'gather' }, body: Buffer.of(), generation: 0 } as const;
    await createOutboxHandler(options)({ key: '', ...entry }, 0);
    return { read, headers: appended.map(({ headers }) => headers?.['traceparent']) };
  }

  it('is looked up where spans are recorded, and only there', async () => {
    assert.deepEqual(await handOn(true), { read: [INPUTS_TABLE], headers: [TRACEPARENT] });
    assert.deepEqual(await handOn(false), { read: [], headers: [undefined] });
  });

  it('goes on to the function also where its task says nothing of it', async () => {
    const { site } = start();
    const traces: (TraceContext | undefined)[] = [];
    const caller = {
      label: 'gatherer',
      call({ trace }: { readonly trace?: TraceContext | undefined }) {
        traces.push(trace);
        return Promise.reject(new Error('it is away'));
      },
    };
    const item = itemOf({}, { headers: { 'tenfold-job': NONCE, 'tenfold-home': '0' } });
    await createGatherDestination({ site, caller, timeoutMs: 1000 }).deliver([item], never);
    assert.deepEqual(
      traces.map(trace => trace?.traceId),
      [TRACE],
    );
  });
});
