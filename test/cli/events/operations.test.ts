// `tenfold operations`: what is listed and shown, and how one is started, held and ended.
import assert from 'node:assert/strict';
import type { OperationReport } from '../../../admin/commands/operation-view.ts';
import { noEvents } from '../../../admin/no-events.ts';
import { run as runCommand } from '../../../cli/run.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { type AnnouncedAdmin, announceAdmin } from '../../fakes/admin-server.ts';
import { createFakeOperations } from '../../fakes/fake-operations.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { fakeView } from '../../fakes/platform-view.ts';
import { tempFolder } from '../temp-folder.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';

const ID = '2026-11-30-1f0c9a3e';

describe('operations', () => {
  let admin: AdminRun;
  const fake = createFakeOperations();
  const changed: string[] = [];
  let refusal: TenfoldError | undefined;
  let operations: OperationReport[];
  const unlessRefused =
    <A extends readonly unknown[], T>(call: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      if (refusal) throw refusal;
      return call(...given);
    };
  const change = (state: 'paused' | 'running' | 'stopped') =>
    unlessRefused(async (name: { namespace: string; id: string }) => {
      changed.push(`${state} ${name.namespace}/${name.id}`);
      return fake.report(state);
    });

  before(async () => {
    admin = await startAdminRun({
      operations: {
        ...fake,
        list: async () => ({ items: operations }),
        start: unlessRefused(fake.start),
        read: unlessRefused(fake.read),
        items: unlessRefused(fake.items),
        pause: change('paused'),
        resume: change('running'),
        stop: change('stopped'),
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => {
    changed.length = 0;
    refusal = undefined;
    operations = [{ ...fake.report('running'), done: 100, left: 150, problem: 'The log is away.' }];
    fake.started.length = 0;
    fake.failed = [];
  });
  const run = (...words: string[]) => admin.run(['operations', ...words]);

  it('are listed, with how far they are', async () => {
    const { code, stdout } = await run('list');
    assert.equal(code, 0);
    assert.match(stdout, /^OPERATION +ACTION +OF +STATE +ITEMS +DONE +REFUSED +IN DOUBT +LEFT +AGE\n/);
    assert.match(stdout, new RegExp(`${ID} +redrive +subscription/wall +running +250 +100 +0 +0 +150`));
    assert.equal((await run('list', '-o', 'name')).stdout, `${ID}\n`);
  });

  it('are shown, with those of their items that failed', async () => {
    const { stdout } = await run('show', ID);
    assert.match(stdout, /State +done\nItems +250: 250 redriven, 0 refused, 0 in doubt, 0 left\n/);
    fake.failed = [{ id: '0-9', outcome: 'in-doubt', message: 'A worker ended.' }];
    assert.match((await run('show', ID, '--failed')).stdout, /ID +OUTCOME +WHY\n0-9 +in-doubt +A worker ended\./);
    assert.deepEqual(JSON.parse((await run('show', ID, '-o', 'json')).stdout).refused, 1);
  });

  it('are started with the token of their plan, and followed to their end', async () => {
    const { code, stdout } = await run('start', ID, '--plan', 'abc');
    assert.deepEqual([code, stdout], [0, 'subscription/wall: 250 redriven\n']);
    assert.deepEqual(fake.started, [`${ID} abc`]);
  });

  for (const name of ['of the same port', 'of another port'])
    it(`are followed over a restart of their platform, with a new token and ${name}`, async () => {
      const folder = tempFolder();
      let reads = 0;
      let next: AnnouncedAdmin | undefined;
      const view = fakeView({
        events: {
          ...noEvents,
          operations: {
            ...fake,
            async read() {
              if (reads++ > 0) return fake.report('done');
              // This answer is lost, as the process ends.
              const port = name === 'of the same port' ? Number(new URL(first.url).port) : 0;
              first.close();
              next = await announceAdmin(view, folder, { internalKeys: {} }, { token: 'token-after-it', port });
              return fake.report('running');
            },
          },
        },
      });
      const first = await announceAdmin(view, folder, { internalKeys: {} });
      const terminal = fakeTerminal({ cwd: folder });
      const code = await runCommand(['operations', 'start', ID, '--plan', 'abc'], terminal);
      next?.close();
      first.close();
      assert.deepEqual([code, terminal.stdout, terminal.stderr], [0, 'subscription/wall: 250 redriven\n', '']);
      assert.equal(reads, 2);
    });

  it('are paused, resumed and stopped, in the namespace that is named', async () => {
    assert.match((await run('pause', ID)).stdout, /State +paused/);
    await run('resume', ID, '-n', 'other');
    await run('stop', ID);
    assert.deepEqual(changed, [`paused default/${ID}`, `running other/${ID}`, `stopped default/${ID}`]);
  });

  it('say what is missing', async () => {
    for (const [words, says] of [
      [['show'], /not said which operation to show/],
      [['start', ID], /started with the token of its plan/],
    ] as const) {
      const { code, stderr } = await run(...words);
      assert.equal(code, 2);
      assert.match(stderr, says);
    }
  });

  it('of another namespace are listed with it', async () => {
    operations = [{ ...fake.report('running'), consumer: { kind: 'Queue', namespace: 'shop', name: 'import' } }];
    const { stdout } = await run('list');
    assert.match(stdout, /^NAMESPACE +OPERATION +/);
    assert.match(stdout, new RegExp(`shop +${ID} +redrive +queue/import `));
  });

  for (const words of [['show'], ['show', '--failed'], ['start', '--plan', 'abc'], ['pause'], ['resume'], ['stop']])
    it(`${words.join(' ')} of an id that is none names the list of operations`, async () => {
      refusal = new TenfoldError('not-found', 'There is no operation X.');
      const [action = '', ...more] = words;
      const { code, stderr } = await run(action, 'X', ...more);
      assert.equal(code, 3);
      assert.match(stderr, /There is no operation X\.\nNext: see .*"tenfold operations list"\.\n$/);
    });

  for (const [state, words, next] of [
    [
      'planned',
      ['pause'],
      'begin it with "tenfold operations start X -n shop --plan TOKEN", as its dry run has shown.',
    ],
    ['done', ['pause'], 'see how far it is with "tenfold operations show X -n shop".'],
    ['stopped', ['start', '--plan', 'abc'], 'plan it anew with --dry-run, and pass the --plan that this shows.'],
  ] as const)
    it(`${words.join(' ')} of one that is ${state} names the next command`, async () => {
      refusal = new TenfoldError('conflict', `Operation X is ${state}.`, { extensions: { state } });
      const [action, ...more] = words;
      const { code, stderr } = await run(action, 'X', '-n', 'shop', ...more);
      assert.deepEqual([code, stderr], [4, `error: Operation X is ${state}.\nNext: ${next}\n`]);
    });
});
