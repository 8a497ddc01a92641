// What a function may read and write on the disk of its platform, over folders
// as applications have them.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FunctionDefinition, Permissions } from '../../../../drivers/function-host/function-host.ts';
import { permissionFlags } from '../../../../drivers/function-host/local/permission-flags.ts';
import { createReach } from '../../../../drivers/function-host/local/reach.ts';
import { grants } from './grants.ts';

describe('the reach of a function', () => {
  let top: string;
  const at = (path: string) => join(top, path);
  const definition = (file: string, permissions?: Permissions): FunctionDefinition => ({
    ...{ name: 'orders', namespace: 'default', run: { by: 'source', file }, env: {}, permissions },
    ...{ concurrency: 1, minInstances: 0, maxInstances: 1, timeoutMs: 1, maxBodyBytes: 1, idleMs: 1 },
  });
  const kept = () => [at('app/.tenfold'), at('app/var/data'), at('app/keys/token')];
  const reachOf = (application: string, permissions?: Permissions) =>
    createReach({ application, kept: kept(), runtime: [at('runtime')], own: () => [at('app/.tenfold/own')] })(
      definition(join(application, 'orders.ts'), permissions),
    );
  const covers = (paths: readonly string[], path: string) => paths.some(one => grants(one, path));

  beforeEach(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), 'tenfold-reach-')));
    const files = [
      'app/orders.ts',
      'app/.tenfold/platform.json',
      'app/var/data/log.db',
      'app/var/note',
      'app/keys/token',
    ];
    for (const file of [...files, 'app/keys/public', 'runtime/main.js', 'node_modules/a/index.js', 'other/secret']) {
      mkdirSync(dirname(at(file)), { recursive: true });
      writeFileSync(at(file), '');
    }
  });
  afterEach(() => rmSync(top, { recursive: true }));

  it('is its application, its packages and the runtime, without what the platform keeps', () => {
    const { read, write } = reachOf(at('app'));
    for (const path of [
      'app/orders.ts',
      'app/var/note',
      'app/keys/public',
      'node_modules/a/index.js',
      'runtime/main.js',
    ])
      assert.ok(covers(read, at(path)), path);
    for (const path of ['app/.tenfold/platform.json', 'app/var/data/log.db', 'app/keys/token', 'other/secret', 'app'])
      assert.ok(!covers(read, at(path)), path);
    assert.deepEqual(write, [at('app/.tenfold/own')]);
  });

  it('gets nothing of what is kept by what it declares, be it the whole disk', () => {
    const permissions = {
      read: ['/', at('app'), at('app/.tenfold/platform.json')],
      write: ['/', at('app')],
      allow: [],
    };
    const { read, write } = reachOf(at('app'), permissions);
    assert.ok(covers(read, at('other/secret')) && covers(write, at('other/secret')));
    for (const path of [...kept(), at('app/.tenfold/platform.json'), at('app/var/data/log.db')])
      assert.ok(!covers(read, path) && !covers(write, path), path);
  });

  it('is the same where the application is reached by a link', () => {
    symlinkSync(at('app'), at('linked'));
    const { read } = reachOf(at('linked'));
    assert.ok(covers(read, at('app/orders.ts')) && covers(read, at('linked/orders.ts')));
    for (const path of kept()) {
      assert.ok(!covers(read, path), path);
      assert.ok(!covers(read, path.replace('/app/', '/linked/')), `${path} by the link`);
    }
  });

  it('takes no star in a name for anything else', () => {
    for (const name of ['app/*', 'app/.*', 'app/var/d*']) writeFileSync(at(name), '');
    const { read } = reachOf(at('app'), { read: [at('app/.*'), at('app/var/d*')], write: [], allow: [] });
    for (const path of kept()) assert.ok(!covers(read, path), path);
    const flags = permissionFlags({ read: ['/a*p/ok', '/app/o*', '/app/ok'], write: [], allow: [] });
    const ok = ['--allow-fs-read=/app/ok', '--allow-fs-read=/app/ok/*'];
    assert.deepEqual(flags.slice(2), ['--allow-fs-read=/app/o*', ...ok]);
  });
});
