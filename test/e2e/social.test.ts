// What the README of the social network shows works as it stands there, line by line.
import assert from 'node:assert/strict';
import { type Prepared, prepare } from '../../functions/social/prepare.ts';
import { assertPrinted, readShellLines, runLines } from './page-blocks.ts';
import { startPlatformProcess } from './platform-process.ts';

/** What some line that begins so prints. */
const expected: Record<string, RegExp> = {
  'node data/main.ts follows': /102,?304/,
  'node data/main.ts tweets': /3,?000/,
  'node data/main.ts views': /30,?000/,
  "curl -s 'localhost:8080/search?q=lighthuoses'": /Photographing lighthouses along the coast/,
  "curl -s 'localhost:8080/search?q=photograph&": /\{"text":"Photographing","match":true\}/,
  "curl -s 'localhost:8080/search?q=steven": /Stephen plays the trumpet/,
  "curl -s 'localhost:8080/search?q=cycling": /bicycle/,
  "curl -s 'localhost:8080/search?q=bread": /in Bergen/,
  "curl -s 'localhost:8080/search?suggest=": /\{"items":\["old bicycle"\]\}/,
  'curl -s "localhost:8080/search?q=zepelin': /A zeppelin over the harbour!/,
  "curl -s 'localhost:8080/trends?top=3'": /"rank":1,.*"rank":3,/,
  "curl -s 'localhost:8080/trends?top=1001'": /"status":400/,
  'curl -s localhost:8080/tweets/tweet-02999': /"id":"tweet-02999"/,
  'until curl -sf': /"member":"tweet-02999","score":1/,
  "curl -s 'localhost:8080/timeline?owner=fan-099999": /"author":"nova"/,
  "curl -s 'localhost:8080/timeline?owner=ada-ash&limit=5'": /"next":/,
  'curl -s "localhost:8080/timeline?owner=fan-054321': /Good evening, all of you!/,
};

describe('the README of the social network', () => {
  let prepared: Prepared;
  before(async () => {
    prepared = await prepare();
  });
  after(() => prepared.close());

  it('has lines that do what it says', async () => {
    const platform = await startPlatformProcess(['dev', prepared.directory]);
    try {
      const lines = readShellLines('functions/social/README.md');
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
