// Callbacks of queues: signed as the library for Standard Webhooks checks it,
// retried alone, never redirected.
import assert from 'node:assert/strict';
import { Webhook } from 'standardwebhooks';
import { createJobSignals } from '../../../core/jobs/job-signals.ts';
import { formatTraceparent } from '../../../core/trace-context.ts';
import { realWorld } from '../../../core/world.ts';
import { createCallbackDestination } from '../../../worker/jobs/callback-destination.ts';
import { createOwe } from '../../../worker/jobs/owe-callback.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { answerOf, callerOf, itemOf, never } from '../deliver/items.ts';

const KEYS = [`whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`, 'any other text'];

async function owed() {
  const log = createFakeLog();
  const job = { id: { partition: 2, offset: 5, nonce: 'x' }, text: '2-5-x', record: itemOf().record };
  const row = { state: 'succeeded' as const, attempts: 1, acceptedAt: 1, finishedAt: 2, owner: '' };
  await createOwe(log, 'callbacks.default.brew', 'brew')(job, row, 'https://a.example/hook?x=1');
  const [record] = log.recordsOf('callbacks.default.brew');
  assert.ok(record);
  return { partition: 0, attempt: 1, record };
}

describe('callbacks', () => {
  const make = (caller: ReturnType<typeof callerOf>, keys: readonly string[] = KEYS) => {
    const origins: string[] = [];
    const callerFor = (origin: string) => {
      origins.push(origin);
      return caller;
    };
    const destination = createCallbackDestination({
      world: realWorld,
      queue: 'brew',
      callerOf: callerFor,
      keys: () => keys,
    });
    return { destination, origins };
  };

  it('carry the end of the job, signed with every key', async () => {
    const caller = callerOf(() => answerOf(204));
    const { destination, origins } = make(caller);
    assert.deepEqual(await destination.deliver([await owed()], never), [{ kind: 'done' }]);
    const [call] = caller.calls;
    assert.ok(call);
    assert.deepEqual(origins, ['https://a.example']);
    assert.equal(call.path, '/hook?x=1');
    const headers = Object.fromEntries(
      call.headers.flatMap((name, index) => (index % 2 ? [] : [[name, call.headers[index + 1] ?? '']])),
    );
    const body = String(call.body);
    for (const webhook of [new Webhook(KEYS[0]!), new Webhook(KEYS[1]!, { format: 'raw' })]) {
      assert.partialDeepStrictEqual(webhook.verify(body, headers) as object, {
        id: '2-5-x',
        queue: 'brew',
        state: 'succeeded',
      });
    }
    assert.throws(() => new Webhook('another', { format: 'raw' }).verify(body, headers));
    assert.equal(headers['webhook-id'], '2-5-x-succeeded-2');
  });

  it('continue the span of their delivery, and else the trace of their job', async () => {
    const caller = callerOf(() => answerOf(204));
    const { destination } = make(caller);
    const job = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), flags: '01' };
    const delivery = { ...job, spanId: 'c'.repeat(16) };
    const one = await owed();
    const record = { ...one.record, headers: { ...one.record.headers, traceparent: formatTraceparent(job) } };
    await destination.deliver([{ ...one, record }], never);
    await destination.deliver([{ ...one, record, trace: delivery }], never);
    assert.deepEqual(
      caller.calls.map(({ trace }) => trace),
      [job, delivery],
    );
  });

  it('have the same id each time', async () => {
    const [first, second] = [await owed(), await owed()];
    assert.equal(first.record.headers['ce_id'], second.record.headers['ce_id']);
  });

  it('do not hold up one another: a receiver that asks for a pause is tried later, by itself', async () => {
    const { destination } = make(callerOf(() => answerOf(429, '', ['retry-after', '60'])));
    assert.partialDeepStrictEqual((await destination.deliver([await owed()], never)) as object[], [
      { kind: 'later', own: true, afterMs: 60_000 },
    ]);
  });

  it('follow no redirects', async () => {
    const { destination } = make(callerOf(() => answerOf(302, '', ['location', 'http://169.254.169.254/'])));
    const [outcome] = await destination.deliver([await owed()], never);
    assert.partialDeepStrictEqual(outcome as object, { kind: 'failed', retryable: false });
    assert.match(JSON.stringify(outcome), /redirect/);
  });

  it('wait for a key to sign with', async () => {
    const caller = callerOf(() => answerOf(204));
    const { destination } = make(caller, []);
    assert.partialDeepStrictEqual((await destination.deliver([await owed()], never)) as object[], [{ kind: 'later' }]);
    assert.equal(caller.calls.length, 0);
  });
});

describe('signals', () => {
  it('reach who listens, and nobody after', () => {
    const { changed } = createJobSignals();
    let heard = 0;
    const deaf = changed.listen('a', () => heard++);
    changed.tell('a');
    changed.tell('b');
    deaf();
    changed.tell('a');
    assert.equal(heard, 1);
  });
});
