// What the README of the media library shows works as it stands there, line by line.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Prepared, prepare } from '../../functions/media-library/prepare.ts';
import { assertPrinted, readShellLines, runLines } from './page-blocks.ts';
import { root, startPlatformProcess } from './platform-process.ts';

/** What some line that begins so prints. */
const expected: Record<string, RegExp> = {
  "curl -s -X PUT -H 'content-type: image/jpeg' --data-binary @.images/harbour.jpg localhost:8080/media/uploads":
    /"state":"queued".*"object":"uploads\/harbour.jpg"/,
  'until curl -s "localhost:8080/media/assets?key=uploads/harbour.jpg"':
    /"available":true.*"author":"Ada"|"author":"Ada".*"available":true/,
  'curl -s localhost:8080/media/files/renditions/harbour/thumbnail.webp': /^[0-9]{3,5}\n$/,
  "curl -s -X PUT -H 'content-type: image/jpeg' --data-binary @.images/broken.jpg": /"state":"queued"/,
  'until tenfold fanouts list renditions --state failed': /^\d-\d+-[0-9a-f]{16}\n$/,
  'tenfold dead list fanout/renditions': /cannot be read as an image/,
  'tenfold fanouts redrive renditions': /succeeded .*4\/4/,
  'until curl -s "localhost:8080/media/assets?key=uploads/broken.jpg"': /"available":true/,
};

describe('the README of the media library', () => {
  let prepared: Prepared;
  before(async () => {
    prepared = await prepare();
    const draw = join(root, 'functions/media-library/demo/main.ts');
    const drawn = spawnSync(process.execPath, [draw, join(prepared.directory, '.images')], { encoding: 'utf8' });
    assert.equal(drawn.status, 0, drawn.stderr);
  });
  after(() => prepared.close());

  it('has lines that do what it says', async () => {
    const platform = await startPlatformProcess(['dev', prepared.directory]);
    try {
      const lines = readShellLines('functions/media-library/README.md');
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
