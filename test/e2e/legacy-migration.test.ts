// What the README of the legacy migration shows works as it stands there, line by line.
import assert from 'node:assert/strict';
import { type Prepared, prepare } from '../../functions/legacy-migration/prepare.ts';
import { assertPrinted, readShellLines, runLines } from './page-blocks.ts';
import { startPlatformProcess } from './platform-process.ts';

/** What some line that begins so prints. */
const expected: Record<string, RegExp> = {
  'curl localhost:8080/orders -H': /"id":\d+/,
  'curl localhost:8080/orders -H \'content-type: application/json\' -d \'{"customer":"ada","items":[{"product":"cookie"':
    /"id":1000001\b/,
  'curl localhost:8080/orders -H \'content-type: application/json\' -d \'{"customer":"ada","items":[{"product":"oat':
    /"id":1000002\b/,
  'npx tenfold invoke orders': /\S/,
  'npx tenfold strangler set shop orders shadow': /shadow/,
  'curl localhost:8080/orders/1\n': /"id":1\b/,
  'npx tenfold strangler show shop orders ': /\/total/,
  'npx tenfold strangler set shop orders canary --percent 50\n': /canary.*50/,
  'npx tenfold strangler set shop orders live\n': /live/,
  'until curl -s localhost:8080/account/ada': /Order 1000001/,
  'until npx tenfold dead list strangler/shop.orders': /1000002 .*There is no product oat-cookie/,
  'npx tenfold dead skip': /\S/,
  'npx tenfold strangler back-out shop orders ': /legacy/,
};

describe('the README of the legacy migration', () => {
  // Some lines wait for what happens behind an answer.
  let prepared: Prepared;
  before(async () => {
    prepared = await prepare();
  });
  after(() => prepared.close());

  it('has lines that do what it says', async () => {
    const platform = await startPlatformProcess(['dev', prepared.directory]);
    try {
      const lines = readShellLines('functions/legacy-migration/README.md');
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
