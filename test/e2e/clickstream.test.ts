// What the README of the clickstream shows works as it stands there, line by line.
import assert from 'node:assert/strict';
import { type Prepared, prepare } from '../../functions/clickstream/prepare.ts';
import { assertPrinted, readShellLines, runLines } from './page-blocks.ts';
import { startPlatformProcess } from './platform-process.ts';

/** What some line that begins so prints. */
const expected: Record<string, RegExp> = {
  'node data/main.ts clicks': /5,?000/,
  "npx tenfold sql 'SELECT key AS page": /page +starts +clicks +readers +slow\n\//,
  "until curl -sf 'localhost:8080/readers": /"section":/,
  "curl -s 'localhost:8080/search?q=lighthuose'": /Lighthouses along the coast/,
  'npx tenfold sql\n': /clickstream[\s\S]*pages_window/,
  "npx tenfold sql \"SELECT data->>'section'": /front +\d+/,
  "npx tenfold sql \"SELECT data->>'page'": /^page,p95\r?\n\/\S*,\d+/m,
  "npx tenfold sql \"SELECT date_trunc('hour'": /"hour": *"2/,
  'npx tenfold sql "SELECT * FROM read_csv': /cannot be reached from a query/,
  'node data/main.ts late': /20/,
  "until curl -s 'localhost:8080/late?top=3'": /"score":/,
  'npx tenfold sql "SELECT min(time)': /oldest,newest\r?\n2/,
};

describe('the README of the clickstream', () => {
  let prepared: Prepared;
  before(async () => {
    prepared = await prepare();
  });
  after(() => prepared.close());

  it('has lines that do what it says', async () => {
    const platform = await startPlatformProcess(['dev', prepared.directory]);
    try {
      const lines = readShellLines('functions/clickstream/README.md');
      const printed = await runLines(
        lines.map(line => line.replace('localhost:8080', new URL(platform.address).host)),
        prepared.directory,
      );
      assertPrinted(lines, printed, expected);
    } finally {
      assert.equal(await platform.stop(), 0);
    }
  });
});
