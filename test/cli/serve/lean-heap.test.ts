// When `tenfold serve` starts anew with a smaller young generation, and that it
// then is the same process.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { leanArguments } from '../../../cli/lean-heap.ts';

const plain = {
  platform: 'linux',
  execPath: '/node',
  execArgv: ['--a'],
  argv: ['/node', '/main', 'serve', 'dir'],
  env: {},
};

describe('the heap of a server', () => {
  it('is started anew with the same arguments and one more', () => {
    const [program, ...rest] = leanArguments(plain) ?? [];
    assert.equal(program, '/node');
    assert.ok(rest.includes('--max-semi-space-size=2'));
    assert.deepEqual(rest.slice(-4), ['--a', '/main', 'serve', 'dir']);
  });

  it('is kept small for an operator', () => {
    const again = leanArguments({ ...plain, argv: ['/node', '/main', 'operator'] }) ?? [];
    assert.deepEqual(again, ['/node', '--optimize-for-size', '--a', '/main', 'operator']);
    const second = { ...plain, execArgv: again.slice(1, 3), argv: ['/node', '/main', 'operator'] };
    assert.equal(leanArguments(second), undefined);
  });

  const unchanged: Record<string, object> = {
    'another command': { argv: ['/node', '/main', 'validate'] },
    'the flag is there': { execArgv: ['--max-semi-space-size=2'] },
    'NODE_OPTIONS say it': { env: { NODE_OPTIONS: '--max-semi-space-size=16' } },
    'somebody looks inside': { execArgv: ['--inspect'] },
    'a parent process talks to it': { env: { NODE_CHANNEL_FD: '3' } },
    Windows: { platform: 'win32' },
  };
  for (const [name, change] of Object.entries(unchanged)) {
    it(`stays as it is: ${name}`, () => assert.equal(leanArguments({ ...plain, ...change }), undefined));
  }

  it('lets the command end as before: status, output, errors', () => {
    const main = resolve(import.meta.dirname, '../../../cli/main.ts');
    const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
    const { NODE_OPTIONS, ...env } = process.env;
    const help = execFileSync(process.execPath, [...flags, main, 'serve', '--help'], { encoding: 'utf8', env });
    assert.match(help, /Usage: tenfold serve/);
    const wrong = spawnSync(process.execPath, [...flags, main, 'serve', '--nothing'], { encoding: 'utf8', env });
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /^error: /);
  });
});
