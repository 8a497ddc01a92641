// What the README of the content import shows works as it stands there, line by line.
import assert from 'node:assert/strict';
import { type Prepared, prepare } from '../../functions/content-import/prepare.ts';
import { assertPrinted, readShellLines, runLines } from './page-blocks.ts';
import { startPlatformProcess } from './platform-process.ts';

/** As `search-index/main.ts` has when nothing else is said. */
const ARTICLES = 3_000;

/** What some line that begins so prints. */
const expected: Record<string, RegExp> = {
  'until curl -s localhost:8080$IMPORT': /"articles":3000/,
  'curl -s localhost:4702/load': /"refused":0,"requests":\d+,"articles":2994/,
  'npx tenfold dead list queue/article-import\n': /article-000499[\s\S]*needs a title/,
  'npx tenfold dead redrive': /./,
  'until curl -sf localhost:8080/content/articles/article-000499': /"title":"What the harbour said"/,
  'curl -si localhost:8080/content/submissions': /202 Accepted[\s\S]*location: \S/i,
  'until curl -s localhost:8080$JOB': /"outcome":"created"/,
  'curl -s localhost:8080/content/articles/harbour-lights': /"title":"The lights of the harbour"/,
  'curl -s localhost:8080/content/submissions -H': /"status":400/,
  'until curl -s localhost:8080$REPORT': /"articles":2996/,
};

describe('the README of the content import', () => {
  let prepared: Prepared;
  before(async () => {
    prepared = await prepare(ARTICLES);
  });
  after(() => prepared.close());

  it('has lines that do what it says', async () => {
    const platform = await startPlatformProcess(['dev', prepared.directory]);
    try {
      const lines = readShellLines('functions/content-import/README.md');
      const printed = await runLines(
        lines.map(line =>
          line
            .replace('localhost:8080', new URL(platform.address).host)
            .replace('localhost:4702', new URL(prepared.relational).host),
        ),
        prepared.directory,
      );
      assertPrinted(lines, printed, expected);
    } finally {
      assert.equal(await platform.stop(), 0);
    }
  });
});
