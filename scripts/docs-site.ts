// `docs-site.ts DIR` writes the documentation into a folder, as the admin port serves it, for any
// server of files.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createSite } from '../admin/docs/site.ts';
import { packageVersion } from '../server/version.ts';
import { buildDocs } from './build-docs.ts';
import { root } from './bundle.ts';

/** The `type` of an error leads here. A refresh would lose the code behind `#`. */
const ERRORS = `<!doctype html><title>Error codes</title>
<script>location.replace('../docs/reference/errors.html' + location.hash)</script>
<a href="../docs/reference/errors.html">Error codes</a>
`;

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Name the folder: node scripts/docs-site.ts DIR');
  process.exit(2);
}
const built = mkdtempSync(join(tmpdir(), 'tenfold-docs-'));
try {
  await buildDocs(built);
  const site = await createSite({ root, built, version: packageVersion, asFiles: true });
  for (const [path, make] of site) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, (await make()).content);
  }
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><meta http-equiv="refresh" content="0; url=docs/index.html">\n',
  );
  mkdirSync(join(folder, 'errors'), { recursive: true });
  writeFileSync(join(folder, 'errors/index.html'), ERRORS);
  console.log(`${folder} has ${site.size} files; docs/index.html is the first page.`);
} finally {
  rmSync(built, { recursive: true, force: true });
}
