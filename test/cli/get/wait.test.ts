// `tenfold get --wait`: goes on as soon as what it asks about is ready, and says what was
// missing when it never was.
import assert from 'node:assert/strict';
import { type AnnouncedAdmin, announceAdmin } from '../../fakes/admin-server.ts';
import { fakeResource, fakeView } from '../../fakes/platform-view.ts';
import { collect, runCli, startCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const orders = { namespace: 'default', name: 'orders', instances: 0, inFlight: 0, waiting: 0, restarts: 0 } as const;

describe('tenfold get --wait', () => {
  let folder: string;
  let admin: AnnouncedAdmin | undefined;

  beforeEach(() => {
    folder = tempFolder();
  });
  afterEach(() => {
    admin?.close();
    admin = undefined;
    removeTempFolders();
  });

  const rows: readonly [name: string, words: string[], code: number, output: RegExp][] = [
    ['prints at once what is ready', ['function', 'orders', '-o', 'name'], 0, /^function\/orders\n$/],
    ['takes routes for ready with the platform', ['routes', '-o', 'json'], 0, /"items": \[\]/],
    [
      'ends with 5 for what never becomes ready',
      ['all'],
      5,
      /^error: Not ready within 300ms: Topic created: .*\nNext: see how/,
    ],
    ['ends with 5 for what never appears', ['function', 'menu'], 5, /300ms: There is no Function "menu"\./],
    ['ends at once for a kind that there is not', ['functoin'], 2, /Did you mean "function"/],
  ];
  for (const [name, words, code, output] of rows) {
    it(name, async () => {
      const view = fakeView({
        resources: [fakeResource('Function', 'orders'), fakeResource('Topic', 'created')],
        functions: () => [{ ...orders, state: 'asleep' }],
      });
      admin = await announceAdmin(view, folder);
      const result = await runCli(['get', ...words, '--wait', '--timeout', '300ms'], { cwd: folder });
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stdout + result.stderr, output);
    });
  }

  it('waits for an application that is starting, and for a function of it', async () => {
    const child = startCli(['get', 'function', 'orders', '--wait', '-o', 'name'], { cwd: folder });
    const stdout = collect(child, 'stdout');
    const ended = new Promise(resolve => child.once('close', resolve));
    let asked = 0;
    const view = fakeView({
      resources: [fakeResource('Function', 'orders')],
      functions: () => [{ ...orders, state: ++asked < 4 ? 'starting' : 'available' }],
    });
    admin = await announceAdmin(view, folder);
    assert.equal(await ended, 0);
    assert.equal(stdout(), 'function/orders\n');
    assert.ok(asked >= 4, `asked ${asked} times`);
  });

  it('says what it waited for when no application came', async () => {
    const { code, stderr } = await runCli(['get', '--wait', '--timeout', '200ms'], { cwd: folder });
    assert.equal(code, 5);
    assert.match(stderr, /^error: Not ready within 200ms: No application runs in /);
  });

  it('refuses --timeout without it', async () => {
    const { code, stderr } = await runCli(['get', '--timeout', '1s'], { cwd: folder });
    assert.equal(code, 2);
    assert.match(stderr, /Next: add --wait/);
  });
});
