// `tenfold top`: rates out of counters, tables in a pipe, a screen on a terminal, and
// a platform that goes away.
import assert from 'node:assert/strict';
import type { ConsumerReport, TopicReport } from '../../../admin/event-view.ts';
import { CommandError } from '../../../cli/command-error.ts';
import { toSnapshot } from '../../../cli/top/rates.ts';
import { renderSnapshot } from '../../../cli/top/render.ts';
import { type WatchOptions, watch } from '../../../cli/top/watch.ts';
import { fakeConsumer, fakeFailure } from '../../fakes/consumer-report.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';

const topic = (appended: number): TopicReport => ({
  namespace: 'default',
  name: 'orders',
  topic: 'default.orders',
  there: true,
  partitions: 6,
  events: 1000 + appended,
  appended,
});
const look = (at: number, appended: number, consumers: readonly ConsumerReport[]) => ({
  at,
  topics: [topic(appended)],
  consumers,
});

const newestFailure = { ...fakeFailure, at: new Date(Date.now() - 61_500).toISOString() };

describe('top', () => {
  it('makes rates of two looks at the counters', () => {
    const before = look(1000, 50, [fakeConsumer('wall', { delivered: 10, failures: 1 })]);
    const now = look(3000, 350, [fakeConsumer('wall', { delivered: 21, failures: 1 }), fakeConsumer('late')]);
    const { topics, consumers } = toSnapshot(before, now);
    assert.equal(topics[0]?.appendedPerSecond, 150);
    assert.deepEqual(
      consumers.map(each => [each.deliveredPerSecond, each.failuresPerSecond]),
      [
        [5.5, 0],
        [undefined, undefined],
      ],
    );
  });

  it('has no rates below zero when the platform has started anew', () => {
    const { topics } = toSnapshot(look(0, 500, []), look(1000, 20, []));
    assert.equal(topics[0]?.appendedPerSecond, 20);
  });

  it('shows first what needs a person, and no more lines than there is room for', () => {
    const consumers = [
      fakeConsumer('calm', { parkedKeys: 0, parkedEvents: 0, lag: 100 }),
      fakeConsumer('dead', { parkedKeys: 0, parkedEvents: 0, deadLetters: 3 }),
      fakeConsumer('import', { kind: 'Queue', state: 'stopped', lastError: 'Too much\u001b[2J is parked.' }),
      fakeConsumer('parked', { newestFailure }),
    ];
    const snapshot = toSnapshot(look(0, 0, consumers), look(2000, 20, consumers));
    const { out } = fakeTerminal();
    const table = renderSnapshot(snapshot, out, { width: undefined, height: undefined });
    assertGolden('top/snapshot.txt', table.replace(/(?:\d+[dhms])+ ago/, 'SOME ago'));
    const lines = renderSnapshot(snapshot, out, { width: 60, height: 4 }).split('\n');
    assert.equal(lines.length, 4);
    assert.match(lines[1] ?? '', /queue\/import +stopped/);
    assert.match(lines[2] ?? '', /^ {4}Too much is parked\.$/, 'a message without room stands below its row');
    assert.equal(lines[3], '… 9 more lines');
  });

  describe('against a platform', () => {
    let admin: AdminRun;
    let delivered = 0;
    before(async () => {
      admin = await startAdminRun({
        topics: async () => [topic(delivered)],
        async consumers() {
          delivered += 50;
          return [fakeConsumer('wall', { delivered })];
        },
      });
    });
    after(() => admin.close());

    it('ends after one interval with --once', async () => {
      const { code, stdout } = await admin.run(['top', '--once', '--interval', '20ms']);
      assert.equal(code, 0);
      assert.match(stdout, /^NAME +STATE +DONE\/S[^\n]*\nwall +running +[1-9]/);
    });

    it('prints a line of JSON for each interval', async () => {
      const { stdout } = await admin.run(['top', '--once', '--interval', '20ms', '-o', 'json']);
      const { at, consumers, topics } = JSON.parse(stdout);
      assert.ok(Date.parse(at) > 0 && consumers[0].deliveredPerSecond > 0);
      assert.equal(topics[0].name, 'orders');
    });
  });

  describe('while it watches', () => {
    const options: Omit<WatchOptions, 'signal'> = { namespace: undefined, intervalMs: 5, once: false, format: 'table' };
    const client = { topics: async () => ({ items: [topic(1)] }), consumers: async () => ({ items: [] }) };

    it('draws in place on a terminal, and leaves it as it was, even while the platform hangs', async () => {
      const stop = new AbortController();
      let looks = 0;
      const counted = {
        ...client,
        async topics() {
          if (++looks < 4) return { items: [topic(1)] };
          stop.abort();
          return new Promise<never>(() => {});
        },
      };
      const terminal = fakeTerminal({ interactive: true, columns: 80, rows: 24 });
      await watch({ ...options, signal: stop.signal }, async () => counted, terminal);
      const { stdout } = terminal;
      assert.ok(stdout.startsWith('\u001b[?1049h\u001b[?25l\u001b[H'));
      assert.ok(stdout.endsWith('\u001b[?25h\u001b[?1049l'));
      assert.equal(stdout.split('tenfold top').length, 4);
    });

    it('goes on when the platform is away for a while, and connects anew', async () => {
      const stop = new AbortController();
      let connects = 0;
      const connect = async () => {
        if (++connects === 2) throw new CommandError('platform-gone', 'It has ended.');
        let looks = 0;
        return {
          ...client,
          async topics() {
            looks++;
            if (connects === 3 && looks === 2) stop.abort();
            if (connects === 1 && looks === 2) throw new CommandError('platform-unreachable', 'No platform answers.');
            return { items: [topic(1)] };
          },
        };
      };
      const terminal = fakeTerminal();
      await watch({ ...options, signal: stop.signal }, connect, terminal);
      assert.equal(terminal.stderr, 'No platform answers.\nIt has ended.\n');
      assert.match(terminal.stdout, /^\d{4}-.*\nTOPIC +IN\/S/);
    });

    it('fails at once when there is no platform at all', async () => {
      const nobody = async () => {
        throw new CommandError('no-platform', 'No application runs here.');
      };
      const terminal = fakeTerminal({ interactive: true });
      await assert.rejects(
        watch({ ...options, signal: new AbortController().signal }, nobody, terminal),
        /No application/,
      );
      assert.equal(terminal.stdout, '');
    });
  });
});
