// What test files share runs from the first that uses it to the last, whichever of them have tests
// to run; in a mocha of its own, over files that are there for their names.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import Mocha from 'mocha';
import { placeHooks } from './share-between-files.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const FILES = {
  a: path('eventually.ts'),
  b: path('whole-sizes.ts'),
  c: path('second-try.ts'),
  d: path('computing-ms.ts'),
};
type Name = keyof typeof FILES;

/** What happens, in order, as `start` or `b: before`. */
async function happens(
  users: readonly (Name | undefined)[],
  { grep = /./, fails = false }: { readonly grep?: RegExp; readonly fails?: boolean } = {},
): Promise<string[]> {
  const seen: string[] = [];
  const mocha = new Mocha({ reporter: class {} as never }).grep(grep);
  for (const name of Object.keys(FILES) as Name[]) {
    const suite = Mocha.Suite.create(mocha.suite, `suite ${name}`);
    suite.file = FILES[name];
    suite.beforeAll(() => void seen.push(`${name}: before`));
    suite.addTest(new Mocha.Test(`test ${name}`, () => void seen.push(`${name}: test`)));
    suite.afterAll(() => void seen.push(`${name}: after`));
  }
  const thing = {
    name: 'it',
    startWithinMs: 60_000,
    async start() {
      seen.push('start');
      if (fails) throw new Error('it does not start');
    },
    async stop() {
      seen.push('stop');
    },
  };
  placeHooks(mocha.suite.suites, new Set(users.map(name => name && FILES[name])), thing);
  await new Promise(resolve => mocha.run(resolve));
  return seen;
}

const of = (name: Name) => [`${name}: before`, `${name}: test`, `${name}: after`];

describe('what test files share', () => {
  it('runs from the first file that uses it to the last, around all of their hooks', async () => {
    assert.deepEqual(await happens(['b', 'c']), [...of('a'), 'start', ...of('b'), ...of('c'), 'stop', ...of('d')]);
  });

  it('goes on in between', async () => {
    assert.deepEqual(await happens(['a', 'c']), ['start', ...of('a'), ...of('b'), ...of('c'), 'stop', ...of('d')]);
  });

  it('starts for a later file where the first has no tests to run', async () => {
    assert.deepEqual(await happens(['b', 'c'], { grep: /test [cd]/ }), ['start', ...of('c'), 'stop', ...of('d')]);
  });

  it('runs for all where it is not known who uses it', async () => {
    const all = [...of('a'), ...of('b'), ...of('c'), ...of('d')];
    assert.deepEqual(await happens(['b', undefined]), ['start', ...all, 'stop']);
  });

  it('is not started for files that do not use it', async () => {
    assert.deepEqual(await happens([]), [...of('a'), ...of('b'), ...of('c'), ...of('d')]);
  });

  it('is tried once where it does not start, and files that need it fail by that', async () => {
    const seen = await happens(['b', 'c'], { fails: true });
    assert.deepEqual(
      seen.filter(one => one !== 'b: after' && one !== 'c: after'),
      [...of('a'), 'start', 'stop', ...of('d')],
    );
  });
});
