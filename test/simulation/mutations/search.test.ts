// The search for a change tells one that is found from one that survives, and from a seed that
// fails whatever is changed.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Searched, type SearchRange, say, search, Unchanged } from './search.ts';

const CHANGE = { name: 'watermark-past-open-park', why: 'a new owner does not find what is parked' };

describe('search for a change', () => {
  const unchanged = new Unchanged();
  after(() => unchanged.end());
  const searchFor = (searched: Searched, range: SearchRange) => search(searched, range, unchanged);

  it('finds it', async () => {
    const verdict = await searchFor(CHANGE, { from: 0, seeds: 50 });
    assert.equal(verdict.kind, 'found');
    assert.ok(verdict.seeds < 50 && verdict.cpuMs > 0);
    assert.match(say(CHANGE, verdict), /^found watermark-past-open-park after \d+ seeds, [\d.]+ s of processor: /);
  });

  it('says that it survives', async () => {
    const verdict = await searchFor(CHANGE, { from: 0, seeds: 1 });
    assert.equal(verdict.kind, 'survived');
    assert.match(say(CHANGE, verdict), /^SURVIVED watermark-past-open-park after 1 seeds, .*: a new owner does not/);
  });

  it('does not take a failure for its finding that is there without it', async () => {
    // This consumer keeps no promise, and uses nothing of what is changed.
    const verdict = await searchFor({ ...CHANGE, simulation: 'naive-drop' }, { from: 0, seeds: 50 });
    assert.equal(verdict.kind, 'wrong without');
    assert.match(say(CHANGE, verdict), /^WRONG WITHOUT watermark-past-open-park: seed \d+ fails without the change: ./);
  });

  it('fails as a command where a change is not found, and only there', async () => {
    const run = (seeds: number) =>
      promisify(execFile)(process.execPath, [
        ...['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'],
        fileURLToPath(new URL('main.ts', import.meta.url)),
        ...['--only', CHANGE.name, '--jobs', '1', '--seeds', String(seeds)],
      ]);
    assert.match((await run(50)).stdout, /^1 of 1 changes found, /m);
    await assert.rejects(run(1), ({ code, stdout }) => code === 1 && /^0 of 1 changes found, /m.test(stdout));
  });
});
