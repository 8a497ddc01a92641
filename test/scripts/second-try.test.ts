// What CI says of tests that fail once, where a property has failed for good and all else has its
// second try; and of one that hangs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

describe('the second try of CI', () => {
  it('counts a property that failed once, and names each test that needed it', async () => {
    const words = ['--retries', '1', '--reporter', './test/second-try.ts', 'test/fixtures/fails-once.ts'];
    const { stdout } = await promisify(execFile)('mocha', words);
    assert.match(stdout, /2 passing/);
    const said = (what: string) =>
      stdout.split('\n').flatMap(line => line.match(`^== ${what}: at first (.*)`)?.[1] ?? []);
    assert.deepEqual(said('failed for good'), ['a property fails']);
    assert.deepEqual(
      said('second try').map(line => line.split(':')[0]),
      ['a property fails', 'a wait fails'],
    );
  });
});

describe('a test that never lets the event loop go on', () => {
  it('is ended soon after its time limit, and CI is told where it stands', async () => {
    const env = { ...process.env, TENFOLD_HUNG_GRACE: '2' };
    const words = ['--timeout', '1000', 'test/fixtures/hangs.ts'];
    const failed = await promisify(execFile)('mocha', words, { env }).catch(error => error);
    assert.match(failed.stdout, /^== failed for good: a test that spins: .* stands at .*fixtures\/hangs\.ts:4\)$/m);
  });
});
