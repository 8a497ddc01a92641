// How lines get out: those of requests together, once per turn, and never behind
// what was logged after them.
import assert from 'node:assert/strict';
import { createLogReporter } from '../../../cli/serve/log-reporter.ts';
import type { LogLevel } from '../../../server/config/log-levels.ts';
import type { RequestEntry } from '../../../server/platform-events.ts';

function start(level: LogLevel = 'info') {
  const printed: string[] = [];
  const reporter = createLogReporter({ print: text => printed.push(text) }, level, () => new Date(0));
  const request = (path: string, how: Partial<RequestEntry> = {}) =>
    reporter.events.request?.({
      level: 'info',
      listener: 'public',
      method: 'GET',
      host: 'shop.example',
      path,
      status: 200,
      durationMs: 1,
      resource: undefined,
      route: undefined,
      target: undefined,
      consumer: undefined,
      client: '127.0.0.1',
      trace: 'a',
      ...how,
    });
  const lines = () => printed.flatMap(text => text.split('\n')).map(line => JSON.parse(line));
  return { printed, reporter, request, lines };
}
const turn = () => new Promise(resolve => setImmediate(resolve));

describe('log lines of requests', () => {
  it('are written together, each on a line of its own, in order', async () => {
    const { printed, request, lines } = start();
    for (const path of ['/a', '/b', '/c']) request(path);
    assert.equal(printed.length, 0);
    await turn();
    assert.equal(printed.length, 1);
    assert.deepEqual(
      lines().map(({ message, path }) => [message, path]),
      [
        ['request', '/a'],
        ['request', '/b'],
        ['request', '/c'],
      ],
    );
    request('/d');
    await turn();
    assert.equal(lines().length, 4);
  });

  it('have the level of their reason, once', async () => {
    const { printed, request, lines } = start('warn');
    request('/fine');
    request('/busy', { level: 'warn', status: 503, reason: 'limit.calls' });
    request('/away', { level: 'error', status: 502, reason: 'upstream.refused', cause: 'It refuses connections.' });
    await turn();
    assert.deepEqual(
      lines().map(({ level, path, reason, cause }) => [level, path, reason, cause]),
      [
        ['warn', '/busy', 'limit.calls', undefined],
        ['error', '/away', 'upstream.refused', 'It refuses connections.'],
      ],
    );
    assert.equal(printed.join('\n').match(/"level"/g)?.length, 2);
  });

  it('come before what is logged after them, and are all out with the last line', () => {
    const { reporter, request, lines } = start();
    request('/a');
    reporter.events.gatewayLog?.({ level: 'warn', message: 'behind', fields: {} });
    request('/b');
    reporter.stopped();
    assert.deepEqual(
      lines().map(({ message }) => message),
      ['request', 'behind', 'request', 'stopped'],
    );
  });

  it('are none where the level leaves them out', async () => {
    const { printed, request } = start('warn');
    request('/a');
    await turn();
    assert.deepEqual(printed, []);
  });
});
