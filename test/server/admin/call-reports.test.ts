// What a process tells of the calls of its Functions: all that have ended, by how they did.
import assert from 'node:assert/strict';
import { createInstruments } from '../../../gateway/plan/instruments.ts';
import { CallTimes } from '../../../gateway/upstream/call-times.ts';
import { callReportsOf } from '../../../server/admin/call-reports.ts';

it('the calls that have ended are counted with their time, whoever made them', () => {
  const times = new CallTimes({ now: () => 1_000, monotonic: () => 1_000 } as never);
  const instruments = createInstruments();
  instruments.calls.set('menu', { owner: { namespace: 'default', name: 'menu' }, value: times } as never);
  const end = (outcome: 'ok' | 'problem' | 'failed' | 'timeout' | 'refused' | 'cancelled', ms: number, by?: string) =>
    times.ended({ trace: { traceId: 'a' }, by } as never, outcome, ms);
  end('ok', 20);
  end('ok', 10, 'subscription');
  end('problem', 5);
  end('failed', 15);
  end('timeout', 50, 'queue');
  end('refused', 0);
  end('cancelled', 400);
  const [report] = callReportsOf(instruments, { causeKeyFor: () => assert.fail('no cause is sealed') } as never);
  assert.deepEqual(report?.ended, { calls: 5, failed: 2, ms: 100 });
});
