// What the README of the content import shows works as it stands there, line by line.
import assert from 'node:assert/strict';
import { type Prepared, prepare } from '../../functions/content-import/prepare.ts';
import { assertPrinted, readShellLines, runLines } from './page-blocks.ts';
import { startPlatformProcess } from './platform-process.ts';

/** As `search-index/main.ts` has when nothing else is said. */
const ARTICLES = 3_000;

/** What some line that begins so prints. */
const expected: Record<string, RegExp> = {
  'curl -s -X POST localhost:8080/content/imports': /"articles":3000/,
  'curl -s localhost:4702/load': /"refused":0,"requests":\d+,"articles":2994/,
  'curl -si localhost:8080/content/submissions': /202 Accepted[\s\S]*location: \S/i,
  'curl -s localhost:8080$JOB': /"state":"succeeded"[\s\S]*"outcome":"created"/,
  'curl -s localhost:8080/content/articles/harbour-lights': /"title":"The lights of the harbour"/,
  'curl -s localhost:8080/content/submissions -H': /"status":400/,
  'curl -s localhost:8080$REPORT': /"state":"succeeded"[\s\S]*"articles":2995/,
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
