// Log lines on their way to the thread that sends them: what each has, and that no more wait than
// may.
import assert from 'node:assert/strict';
import { ExportedLogs } from '../../../server/tracing/exported-logs.ts';
import type { LogRecordMessage } from '../../../server/tracing/messages.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const LINE = { level: 'info', message: 'm', fields: {} } as const;

function start() {
  const world = createFakeWorld();
  const logs = new ExportedLogs(world);
  const posted: (readonly LogRecordMessage[])[] = [];
  const losses: [number, string][] = [];
  const begin = (isThere = true) =>
    logs.begin(records => isThere && posted.push(records) > 0, { lost: (...loss) => losses.push(loss) });
  const answer = (sent: number, lost = 0) => logs.answered({ of: 'logs', sent, lost, reason: 'it is away' });
  return { world, logs, posted, losses, begin, answer };
}

describe('exported log lines', () => {
  it('wait for the thread, and go together within half a second', async () => {
    const { world, logs, posted, begin } = start();
    logs.add(LINE);
    begin();
    assert.equal(posted.length, 1);
    for (let count = 0; count < 3; count++) logs.add(LINE);
    await world.pass(499);
    assert.equal(posted.length, 1);
    await world.pass(1);
    assert.deepEqual(
      posted.map(({ length }) => length),
      [1, 3],
    );
  });

  it('have the trace apart, and other fields as attributes', () => {
    const { world, logs, posted, begin } = start();
    const fields = { trace: 't', span: 's', count: 2, is: true, none: undefined, of: { kind: 'Topic' } };
    logs.add({ level: 'warn', message: 'full', fields, service: { namespace: 'default', name: 'bill' } });
    begin();
    assert.deepEqual(posted, [
      [
        {
          at: world.now(),
          severity: 13,
          level: 'warn',
          message: 'full',
          attributes: [
            ['count', 2],
            ['is', true],
            ['of', '{"kind":"Topic"}'],
          ],
          trace: 't',
          span: 's',
          service: { namespace: 'default', name: 'bill' },
        },
      ],
    ]);
  });

  it('are lost beyond what may wait, which is told once a minute, and are taken again later', () => {
    const { logs, losses, begin, answer } = start();
    begin();
    for (let count = 0; count < 20_480; count++) logs.add(LINE);
    assert.deepEqual([logs.counts.lost, losses.length, losses[0]?.[0]], [480, 1, 1]);
    assert.match(losses[0]?.[1] ?? '', /does not take log lines as fast as they come: 20000/);
    answer(512);
    logs.add(LINE);
    assert.deepEqual(logs.counts, { sent: 512, lost: 480 });
    answer(0, 512);
    assert.equal(logs.counts.lost, 992);
  });

  it('are lost where one is too long, and with the thread', async () => {
    const { world, logs, losses, begin, posted } = start();
    begin();
    logs.add({ ...LINE, message: 'x'.repeat(300_000) });
    assert.deepEqual(losses, [[1, 'A log line has more than 256 KiB.']]);
    logs.add(LINE);
    logs.flush();
    assert.equal(posted.length, 1);
    await world.pass(60_000);
    logs.threadEnded('It ended.');
    assert.deepEqual(losses.at(-1), [1, 'It ended.']);
    assert.equal(logs.counts.lost, 2);
  });

  it('are not kept where none are exported, and lost while there is no thread', () => {
    const off = start();
    off.logs.add(LINE);
    off.logs.leaveOff();
    off.logs.add(LINE);
    off.begin();
    assert.deepEqual([off.posted, off.logs.counts.lost], [[], 0]);
    const away = start();
    away.logs.add(LINE);
    away.begin(false);
    assert.deepEqual(away.losses, [[1, 'Their thread has ended, and starts again soon.']]);
  });
});
