// Follows docs/tutorial.md from this checkout. `make docs-images` takes the pictures of the page on
// the way.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '../services/chromium.ts';
import { findService } from '../services/service.ts';
import { Reader, readPage } from './followed-page.ts';
import { root } from './platform-process.ts';
import { Pictures } from './tutorial-pictures.ts';

const browser = findService(chromium);

if (browser)
  describe('the tutorial', () => {
    const parent = mkdtempSync(join(tmpdir(), 'tenfold-tutorial-'));
    const folder = join(parent, 'orders');
    const reader = new Reader({ folder, instead: { '../orders': folder } });
    const pictures = new Pictures();
    after(async () => {
      await pictures.close();
      await reader.close();
      rmSync(parent, { recursive: true, force: true });
    });

    for (const block of readPage('tutorial.md'))
      it(`line ${block.line}: ${block.text.split('\n')[0]}`, async () => {
        if (block.language !== 'image') return reader.follow(block);
        await pictures.take(join(root, 'docs', block.text), reader.platform?.output() ?? '', browser);
      });
  });
