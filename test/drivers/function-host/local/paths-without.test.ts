// A folder without some of what is in it: over any tree, all but that is
// granted, and nothing of it.
import assert from 'node:assert/strict';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { covers, isWithin, outermost, pathsWithout } from '../../../../drivers/function-host/local/paths-without.ts';
import { grants } from './grants.ts';

const name = fc.constantFrom('a', 'b', '.tenfold', 'ab', '..c');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(parts => `/app/${parts.join('/')}`);

describe('the outermost of paths', () => {
  it('are fewer, and cover the same', () => {
    const many = fc.array(
      fc.tuple(path, fc.boolean()).map(([one, isBeginning]) => (isBeginning ? `${one}*` : one)),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(many, path, (paths, file) => {
        const few = outermost(paths);
        assert.equal(
          few.some(one => covers(one, file)),
          paths.some(one => covers(one, file)),
        );
        assert.ok(few.every((one, at) => few.every((other, index) => index === at || !covers(other, one))));
      }),
    );
    assert.deepEqual(outermost(['/app/a*', '/app/ab', '/app/b', '/app/b/c', '/app/b', '/app']), ['/app']);
  });
});

describe('paths without what is kept', () => {
  it('cover every file but those that are kept, whatever the tree and whatever is kept', () => {
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 12 }), fc.array(path, { maxLength: 4 }), (all, kept) => {
        // No file is a folder.
        const files = all.filter(one => ![...all, ...kept].some(other => other.startsWith(`${one}${sep}`)));
        const list = (folder: string) => {
          const below = files.filter(file => file.startsWith(`${folder}${sep}`));
          return [...new Set(below.map(file => file.slice(folder.length + 1).split(sep)[0] ?? ''))];
        };
        const granted = pathsWithout('/app', kept, list);
        for (const file of files) {
          const isKept = kept.some(one => isWithin(file, one));
          assert.equal(
            granted.some(one => grants(one, file)),
            !isKept,
            file,
          );
        }
        for (const one of kept) {
          assert.ok(!granted.some(grant => grants(grant, join(one, 'later'))), `what comes to ${one} later`);
          const shouted = `/app${one.slice('/app'.length).toUpperCase()}`;
          assert.ok(
            !granted.some(grant => grant.endsWith('*') && grants(grant, shouted)),
            `${shouted}, which may be the same`,
          );
        }
      }),
    );
  });

  it('are few, however many files there are, and cover those that come later', () => {
    const names = Array.from({ length: 40_000 }, (_, index) => `picture-${index}.txt`);
    const granted = pathsWithout('/app', ['/app/.tenfold'], () => [...names, '.tenfold', '.env', '.tenfoldish']);
    assert.deepEqual(granted, ['/app/p*', '/app/.e*', '/app/.tenfoldi*']);
    assert.ok(granted.some(one => grants(one, '/app/photos/new.txt')));
  });

  it('are of no name that some file system takes for a kept one, nor of one with a star', () => {
    const list = () => ['.TENFOLD', '.Tenf', 'a*', 'early'];
    assert.deepEqual(pathsWithout('/app', ['/app/.tenfold', '/app/é'], list), [
      '/app/.TENFOLD',
      '/app/.Tenf',
      '/app/ea*',
    ]);
  });

  it('are none of what lies in something kept', () => {
    assert.deepEqual(
      pathsWithout('/app/.tenfold/data', ['/app/.tenfold'], () => []),
      [],
    );
    assert.deepEqual(
      pathsWithout('/app', ['/app'], () => ['x']),
      [],
    );
  });

  it('are the folder itself where nothing in it is kept, also for one whose name only begins so', () => {
    assert.deepEqual(
      pathsWithout('/app', ['/application', '/'].slice(0, 1), () => ['x']),
      ['/app'],
    );
  });
});
