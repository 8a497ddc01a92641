// Each figure of the README's table of numbers stands in the result that its row links to.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../architecture/source-files.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
/** Of the bars and results, as both write them: `23.6`, `17,192`. */
const FIGURE = /(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?/g;

describe('the numbers of README.md', () => {
  const rows = read('README.md')
    .split('\n')
    .filter(line => line.startsWith('| [') && /\(bench\/results\/\w/.test(line));

  it('are six', () => assert.equal(rows.length, 6));

  for (const row of rows) {
    const [title = ''] = row.slice(2).split(' |');
    it(`has ${title} from what was measured`, () => {
      const results = [...row.matchAll(/\((bench\/results\/[\w-]+\.md)\)/g)].map(([, path = '']) => read(path));
      const measured = new Set(results.flatMap(text => text.match(FIGURE) ?? []));
      const told = row.replaceAll(/\(bench[^)]*\)/g, '').match(FIGURE) ?? [];
      assert.ok(told.length > 0);
      // Tables have two digits where the page needs none more.
      const known = (figure: string) => measured.has(figure) || measured.has(`${figure}0`);
      assert.deepEqual(
        told.filter(figure => !known(figure)),
        [],
      );
    });
  }
});
