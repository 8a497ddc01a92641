// The resources that the pages of docs/patterns, docs/guides and docs/migrate show are valid as
// they stand.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { validateDirectory } from '../../resources/validate.ts';

const docs = new URL('../../docs/', import.meta.url);
const pages = ['patterns', 'guides', 'migrate'].flatMap(folder =>
  readdirSync(new URL(folder, docs)).map(name => `${folder}/${name}`),
);

for (const page of pages.filter(name => name.endsWith('.md'))) {
  describe(`docs/${page}`, () => {
    const blocks = [...readFileSync(new URL(page, docs), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)];
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'tenfold-docs-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    // A guide may be about something else.
    if (!page.startsWith('guides/')) it('shows resources', () => assert.ok(blocks.length > 0));

    for (const [index, [, yaml = '']] of blocks.entries()) {
      it(`block ${index + 1} is valid`, async () => {
        writeFileSync(join(folder, 'app.yaml'), yaml);
        // Files that the resources name are the reader's.
        for (const [, file = ''] of yaml.matchAll(/\b(?:source|schema): (\.\/[^\s,}]+)/g)) {
          mkdirSync(dirname(join(folder, file)), { recursive: true });
          writeFileSync(join(folder, file), '');
        }
        const { problems } = await validateDirectory(folder);
        assert.deepEqual(
          problems.map(({ line, message }) => `line ${line}: ${message}`),
          [],
        );
      });
    }
  });
}
