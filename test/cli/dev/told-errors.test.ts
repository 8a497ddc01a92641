// A developer reads an error of a function whole once, whatever the attempts at its event.
import assert from 'node:assert/strict';
import type { Reporter } from '../../../cli/application/run-application.ts';
import { createLineWriter } from '../../../cli/dev/line-writer.ts';
import { createPrettyReporter, type PrettyOptions } from '../../../cli/dev/pretty-reporter.ts';
import { type FakeTerminal, fakeTerminal } from '../../fakes/fake-terminal.ts';

const AT = new Date(2026, 0, 2, 3, 4, 5);
const call = { namespace: 'default', name: 'orders' };

function create(
  options: Partial<PrettyOptions> = {},
  terminal: FakeTerminal = fakeTerminal({ cwd: '/apps' }),
): { reporter: Reporter; lines: () => string[] } {
  const reporter = createPrettyReporter(
    { directory: '/apps/shop', logLevel: 'debug', ...options },
    createLineWriter(terminal, () => AT),
    terminal,
  );
  return { reporter, lines: () => terminal.stdout.trimEnd().split('\n') };
}

describe('dev, printed lines about an error of a function that a consumer calls', () => {
  const stack = 'Error: no price for boom\n    at menu.ts:12:9';
  const failed = (attempt: number, event = 'e-1', consumer: string | undefined = 'Subscription/default/receipts') => ({
    ...call,
    stream: 'stdout' as const,
    text: JSON.stringify({
      ...{ level: 'error', message: 'the handler failed', trace: 'abc', span: 'def', consumer, event, attempt },
      error: { name: 'Error', message: 'no price for boom', stack },
    }),
  });
  const count = (lines: readonly string[], text: string) => lines.filter(line => line.includes(text)).length;

  it('have its stack once, whatever the attempts, with the trace', () => {
    const { reporter, lines } = create();
    for (const attempt of [1, 2, 3]) reporter.events.functionLog?.(failed(attempt));
    assert.equal(count(lines(), 'at menu.ts:12:9'), 1);
    assert.equal(count(lines(), 'Error: no price for boom (again; its stack is above)'), 2);
    assert.equal(count(lines(), 'trace=abc'), 3);
  });

  it('have it again for another event, and for each request', () => {
    const { reporter, lines } = create();
    for (const event of ['e-1', 'e-2']) reporter.events.functionLog?.(failed(1, event));
    assert.equal(count(lines(), 'at menu.ts:12:9'), 2);
    const request = JSON.stringify({ level: 'error', message: 'the handler failed', error: { stack } });
    for (let time = 0; time < 2; time++) reporter.events.functionLog?.({ ...call, stream: 'stdout', text: request });
    assert.equal(count(lines(), 'at menu.ts:12:9'), 4);
  });

  it('remember no more than the newest', () => {
    const { reporter, lines } = create();
    for (let event = 0; event <= 1_000; event++) reporter.events.functionLog?.(failed(1, `e-${event}`));
    const before = count(lines(), 'at menu.ts:12:9');
    reporter.events.functionLog?.(failed(2, 'e-1000'));
    assert.equal(count(lines(), 'at menu.ts:12:9'), before);
    reporter.events.functionLog?.(failed(2, 'e-0'));
    assert.equal(count(lines(), 'at menu.ts:12:9'), before + 1);
  });

  it('do not tell it once more from the platform, unless the function says nothing of it', () => {
    const { reporter, lines } = create();
    const told = (error: string, cause?: string) =>
      reporter.events.gatewayLog?.({
        level: 'warn',
        message: 'an attempt at an event failed',
        fields: { attempt: 1, status: 500, error, ...(cause === undefined ? {} : { cause }), trace: 'abc' },
      });
    told('Something went wrong on our side', 'Error: no price for boom at menu.ts:12:9');
    told('No customer.', 'HttpProblem: No customer. at menu.ts:3:1');
    told('It answered 500.');
    assert.deepEqual(
      lines().map(line => line.replace(/^.*failed {2}/, '')),
      [
        'attempt=1 trace=abc',
        'attempt=1 trace=abc cause="HttpProblem: No customer. at menu.ts:3:1"',
        'attempt=1 status=500 error="It answered 500." trace=abc',
      ],
    );
  });
});
