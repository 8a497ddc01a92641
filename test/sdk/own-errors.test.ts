// Tests of functions get the function's own errors, unless they ask for what a caller gets.
import assert from 'node:assert/strict';
import { batch, event, http, problem } from 'tenfold';
import { call, createTestContext, deliver, deliverBatch } from 'tenfold/testing';

const own = new Error('no price for boom');

describe('an error of the function under test', () => {
  const ways: [name: string, run: (app?: ReturnType<typeof createTestContext>) => Promise<{ status: number }>][] = [
    [
      'call',
      app =>
        call(
          http(() => Promise.reject(own)),
          {},
          app,
        ),
    ],
    [
      'deliver',
      app =>
        deliver(
          event(() => Promise.reject(own)),
          {},
          app,
        ),
    ],
    [
      'deliverBatch',
      app =>
        deliverBatch(
          batch(() => Promise.reject(own)),
          [{}],
          app,
        ),
    ],
  ];
  for (const [name, run] of ways) {
    it(`is thrown by ${name} as it is`, () => assert.rejects(run(), (error: unknown) => error === own));
    it(`is answered by ${name} where that is asked for`, async () => {
      assert.equal((await run(createTestContext({ errors: 'answer' }))).status, 500);
    });
  }

  it('is answered when it was thrown on purpose', async () => {
    const refusing = http(() => Promise.reject(problem(404)));
    assert.equal((await call(refusing)).status, 404);
  });

  it('is beside the result of its event when others of the batch are done', async () => {
    const { status, results, errors } = await deliverBatch(
      batch(events => events.map(({ data }) => (data === 'boom' ? own : undefined))),
      [{ data: 'fine' }, { data: 'boom' }],
    );
    assert.equal(status, 207);
    assert.deepEqual(
      results.map(result => result.status),
      [204, 500],
    );
    assert.deepEqual(errors, [undefined, own]);
  });
});
