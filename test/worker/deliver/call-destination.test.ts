// Deliveries by calls: what goes over the wire, and what each answer means.
import assert from 'node:assert/strict';
import { decodeEvents } from '../../../core/cloudevents/decode.ts';
import { type Code, TenfoldError } from '../../../core/errors.ts';
import { type CallDestinationOptions, createCallDestination } from '../../../worker/deliver/call-destination.ts';
import { type Caller, headerOf } from '../../../worker/deliver/caller.ts';
import type { Outcome } from '../../../worker/deliver/destination.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { answerOf, callerOf, itemOf, never } from './items.ts';

const world = createFakeWorld(Date.parse('2026-01-31T12:00:00Z'));
const destination = (caller: Caller, batch = false) =>
  createCallDestination({
    namespace: 'default',
    world,
    caller,
    topic: 'orders',
    endpoint: 'topics',
    batch,
    timeoutMs: 500,
    maxAnswerBytes: 1000,
    priority: 7,
  });

describe('delivery by a call', () => {
  it('carries one event as it is, with attempt, depth and trace', async () => {
    const caller = callerOf(() => answerOf(204));
    const traceparent = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01';
    const item = itemOf(
      { subject: 'ä' },
      {
        attempt: 3,
        headers: { traceparent, tracestate: 'a=1', 'tenfold-depth': '4' },
      },
    );
    await destination(caller).deliver([item], never);
    const [call] = caller.calls;
    assert.ok(call);
    assert.partialDeepStrictEqual(call, {
      method: 'POST',
      path: '/',
      timeoutMs: 500,
      maxAnswerBytes: 1000,
      priority: 7,
    });
    assert.equal(call.trace?.traceId, '0123456789abcdef0123456789abcdef');
    assert.equal(call.headers[call.headers.indexOf('tenfold-attempt') + 1], '3');
    assert.equal(call.headers[call.headers.indexOf('tenfold-depth') + 1], '4');
    assert.equal(call.headers[call.headers.indexOf('tracestate') + 1], 'a=1');
    const [event] = decodeEvents(call.headers, Buffer.from(call.body ?? ''));
    assert.partialDeepStrictEqual(event, { id: 'e-0', subject: 'ä', data: { total: 7 } });
  });

  it('says for which consumer and key it is, where there is a consumer', async () => {
    const caller = callerOf(() => answerOf(204));
    const consumer = 'Subscription/default/wall';
    const options: CallDestinationOptions = {
      ...{ namespace: 'default', world, caller, topic: 'orders', consumer, batch: false },
      endpoint: 'topics',
      ...{ timeoutMs: 500, maxAnswerBytes: 1000, priority: 7 },
    };
    const told = createCallDestination(options);
    const keys = ['table 7', 'é'.repeat(300), null];
    for (const key of keys) await told.deliver([itemOf({}, { key })], never);
    await told.deliver([itemOf({}, { key: 'a' }), itemOf({}, { key: 'b', offset: 1 })], never);
    await destination(caller).deliver([itemOf({}, { key: 'a' })], never);
    const fieldsOf = (name: string) =>
      caller.calls.map(({ headers }) => headers[headers.indexOf(name) + 1 || headers.length]);
    assert.deepEqual(fieldsOf('tenfold-consumer'), [consumer, consumer, consumer, consumer, undefined]);
    const [spaced, long, ...none] = fieldsOf('tenfold-event-key');
    assert.equal(spaced, 'table%207');
    assert.equal(decodeURIComponent(long ?? ''), `${'é'.repeat(256)}… (44 more characters)`);
    assert.deepEqual(none, [undefined, undefined, undefined]);
  });

  it('keeps why a function failed: of the whole call, or of each event of it', async () => {
    const cause = { name: 'Error', message: 'no price for boom' };
    const whole = callerOf(() => ({ ...answerOf(500), causes: [{ cause }] }));
    const [outcome] = await destination(whole).deliver([itemOf()], never);
    assert.deepEqual(outcome?.kind === 'failed' && outcome.error, { status: 500, message: 'It answered 500.', cause });
    const body = {
      results: [
        { id: 'e-0', status: 204 },
        { id: 'e-1', status: 500 },
        { id: 'e-2', status: 500 },
      ],
    };
    const each = callerOf(() => ({ ...answerOf(207, body), causes: [{ of: 1, cause }] }));
    const items = [0, 1, 2].map(offset => itemOf({}, { offset }));
    const outcomes = await destination(each).deliver(items, never);
    assert.deepEqual(
      outcomes.map(one => (one.kind === 'failed' ? one.error.cause : one.kind)),
      ['done', cause, undefined],
    );
  });

  it('carries several events as a batch, and one as a batch of one where batches are declared', async () => {
    const caller = callerOf(() => answerOf(204));
    await destination(caller).deliver([itemOf(), itemOf({}, { offset: 1 })], never);
    await destination(caller, true).deliver([itemOf()], never);
    const ids = caller.calls.map(({ headers, body }) =>
      decodeEvents(headers, Buffer.from(body ?? '')).map(({ id }) => id),
    );
    assert.deepEqual(ids, [['e-0', 'e-1'], ['e-0']]);
  });

  const later = (afterMs: number) => ({ kind: 'later', afterMs });
  const final = { kind: 'failed', retryable: false };
  const again = { kind: 'failed', retryable: true };
  const answers: [what: string, ReturnType<typeof answerOf>, object][] = [
    ['200', answerOf(200), { kind: 'done' }],
    ['204', answerOf(204), { kind: 'done' }],
    ['a redirect', answerOf(302), final],
    ['400', answerOf(400), final],
    ['404', answerOf(404), final],
    ['408', answerOf(408), again],
    ['425', answerOf(425), again],
    ['429', answerOf(429), later(1000)],
    ['429 with Retry-After', answerOf(429, '', ['Retry-After', '7']), later(7000)],
    ['500', answerOf(500), again],
    ['500 with Retry-After', answerOf(500, '', ['retry-after', '7']), { ...again, retryAfterMs: 7000 }],
    [
      '503 with a date in Retry-After',
      answerOf(503, '', ['retry-after', 'Sat, 31 Jan 2026 12:01:00 GMT']),
      later(60_000),
    ],
    ['503 with nonsense in Retry-After', answerOf(503, '', ['retry-after', 'soon']), again],
    ['503 with a very long Retry-After', answerOf(503, '', ['retry-after', '9999999999']), later(86_400_000)],
  ];
  for (const [what, answer, expected] of answers) {
    it(`takes ${what} for "${Object.values(expected).join(' ')}"`, async () => {
      const [outcome] = await destination(callerOf(() => answer)).deliver([itemOf()], never);
      assert.partialDeepStrictEqual(outcome as object, expected);
    });
  }

  it('keeps what a problem document says, and no more', async () => {
    const answer = answerOf(422, { title: 'Bad', detail: 'No such table.', stack: 'secret' });
    const [outcome] = await destination(callerOf(() => answer)).deliver([itemOf()], never);
    assert.deepEqual(outcome, { kind: 'failed', retryable: false, error: { status: 422, message: 'No such table.' } });
  });

  const errors: [Code, object][] = [
    ['circuit-open', later(2000)],
    ['overloaded', later(2000)],
    ['too-many-requests', later(2000)],
    ['function-crashed', later(2000)],
    ['timeout', again],
    ['bad-gateway', again],
    ['loop-detected', final],
  ];
  for (const [code, expected] of errors) {
    it(`takes the error ${code} for "${Object.values(expected).join(' ')}"`, async () => {
      const caller = callerOf(() => {
        throw new TenfoldError(code, 'no', { retryAfterSeconds: 2 });
      });
      const [outcome] = await destination(caller).deliver([itemOf()], never);
      assert.partialDeepStrictEqual(outcome as object, expected);
    });
  }

  it('shows nothing of an error that is not ours', async () => {
    const caller = callerOf(() => {
      throw new Error('password is hunter2');
    });
    const [outcome] = await destination(caller).deliver([itemOf()], never);
    assert.ok(outcome?.kind === 'failed' && outcome.retryable);
    assert.ok(!JSON.stringify(outcome).includes('hunter2'));
  });

  it('gives up a record that is no event, and delivers the others of its batch', async () => {
    const caller = callerOf(() => answerOf(207, { results: [{ id: 'e-1', status: 204 }] }));
    const broken = itemOf();
    const outcomes = await destination(caller).deliver(
      [{ ...broken, record: { ...broken.record, headers: { ce_specversion: '1.0' } } }, itemOf({}, { offset: 1 })],
      never,
    );
    assert.partialDeepStrictEqual(outcomes as object[], [final, { kind: 'done' }]);
  });
});

describe('answer to a batch', () => {
  const deliver = async (body: unknown): Promise<readonly Outcome[]> =>
    destination(callerOf(() => answerOf(207, body))).deliver([itemOf(), itemOf({}, { offset: 1 })], never);

  it('says for each event how it went', async () => {
    const results = [
      { id: 'e-0', status: 422, error: { detail: 'Out of beans.' } },
      { id: 'e-1', status: 503, retryAfterSeconds: 3 },
    ];
    assert.deepEqual(await deliver({ results }), [
      { kind: 'failed', retryable: false, error: { status: 422, message: 'Out of beans.' } },
      {
        kind: 'failed',
        retryable: true,
        error: { status: 503, message: 'It answered 503 to the event.' },
        retryAfterMs: 3000,
      },
    ]);
  });

  it('is read in every form that a result may have', async () => {
    const event = { specversion: '1.0', id: 'r', source: '/f', type: 'Made', data: { n: 1 } };
    const answers = async (results: readonly object[]) =>
      (await deliver({ results })).map(outcome => outcome.kind === 'done' && outcome.answer);
    const [json, made] = await answers([
      { status: 200, data: null },
      { status: 200, event },
    ]);
    assert.deepEqual(json, { status: 200, headers: ['content-type', 'application/json'], body: Buffer.from('null') });
    assert.ok(made);
    assert.equal(headerOf(made, 'ce-type'), 'Made');
    assert.equal(made.body.toString(), '{"n":1}');
    const [bytes, text] = await answers([
      { status: 201, data_base64: 'eA==', datacontenttype: 'image/png' },
      { status: 200, data: 'x', datacontenttype: 'text/plain' },
    ]);
    assert.deepEqual(bytes, { status: 201, headers: ['content-type', 'image/png'], body: Buffer.from('x') });
    assert.deepEqual(text, { status: 200, headers: ['content-type', 'text/plain'], body: Buffer.from('x') });
  });

  it('may have another status than 207, when it holds the results', async () => {
    const caller = callerOf(() => answerOf(200, { results: [{ status: 422 }, { status: 204 }] }));
    const outcomes = await destination(caller).deliver([itemOf(), itemOf({}, { offset: 1 })], never);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['failed', 'done'],
    );
  });

  it('fails the event that it was asked about alone', async () => {
    const caller = callerOf(() => answerOf(207, { results: [{ status: 422, error: { detail: 'no' } }] }));
    assert.deepEqual(await destination(caller).deliver([itemOf()], never), [
      { kind: 'failed', retryable: false, error: { status: 422, message: 'no' } },
    ]);
  });

  for (const [what, body] of [
    [
      'results in another order',
      {
        results: [
          { id: 'e-1', status: 204 },
          { id: 'e-0', status: 204 },
        ],
      },
    ],
    ['no list', { ok: true }],
    ['no JSON', 'fine'],
    ['fewer results than events', { results: [{ status: 204 }] }],
    ['more results than events', { results: [{ status: 204 }, { status: 204 }, { status: 204 }] }],
    ['results without a status', { results: [{}, null] }],
  ] as const) {
    it(`is a failure of all when it holds ${what}`, async () => {
      const outcomes = await deliver(body);
      assert.partialDeepStrictEqual(outcomes as object[], [
        { kind: 'failed', retryable: true },
        { kind: 'failed', retryable: true },
      ]);
    });
  }
});
