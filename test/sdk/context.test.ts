// What a context tells: time left, attempt, trace, log; and that it can be taken apart.
import assert from 'node:assert/strict';
import { http } from 'tenfold';
import { call, createTestContext } from 'tenfold/testing';

describe('a context', () => {
  it('counts down to the deadline and aborts there', async () => {
    const app = createTestContext({ timeoutMs: 30 });
    const fn = http(async (_request, { signal, deadline, remainingMs }) => {
      assert.ok(remainingMs() <= 30 && !signal.aborted);
      assert.ok(Math.abs(deadline.getTime() - Date.now() - remainingMs()) < 10_000);
      await new Promise(resolve => signal.addEventListener('abort', resolve));
      return [signal.reason.name, remainingMs()];
    });
    assert.deepEqual((await call(fn, {}, app)).body, ['TimeoutError', 0]);
  });

  it('continues the trace of the request', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const { body } = await call<string[]>(
      http((_request, { trace }) => [trace.traceId, trace.traceparent]),
      { headers: { traceparent } },
    );
    assert.equal(body[0], 'a'.repeat(32));
    assert.match(String(body[1]), new RegExp(`^00-${'a'.repeat(32)}-(?!${'b'.repeat(16)})[0-9a-f]{16}-01$`));
  });

  const attempts: Array<[header: string, attempt: number]> = [
    ['3', 3],
    ['', 1],
    ['x', 1],
    ['-1', 1],
    ['1.5', 1],
  ];
  for (const [header, attempt] of attempts) {
    it(`takes the attempt ${JSON.stringify(header)} as ${attempt}`, async () => {
      const { body } = await call(
        http((_request, context) => context.attempt),
        { headers: { 'tenfold-attempt': header } },
      );
      assert.equal(body, attempt);
    });
  }

  it('logs with function, trace and fields, children included', async () => {
    const app = createTestContext({ functionName: 'orders' });
    const fn = http((_request, { logger, trace }) => {
      logger.child({ order: 7 }).warn('low stock', { left: 1 });
      return trace.traceId;
    });
    const { body } = await call(fn, {}, app);
    const { span, ...fields } = app.logs[0]!.fields;
    assert.match(String(span), /^[0-9a-f]{16}$/);
    assert.deepEqual(
      [app.logs[0]?.level, app.logs[0]?.message, fields],
      ['warn', 'low stock', { function: 'orders', trace: body, order: 7, left: 1 }],
    );
  });
});
