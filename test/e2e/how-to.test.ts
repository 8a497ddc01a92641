// Follows the pages of docs/how-to, each in an application of its own. Those that need a
// cluster are followed there (test/cluster/node/stranger).
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../cluster/free-ports.ts';
import { Reader, readPage } from './followed-page.ts';
import { root } from './platform-process.ts';

const IN_A_CLUSTER = ['queue-before-a-database.md', 'upgrade.md'];
/** Of the legacy system that the template of a Strangler has. */
const LEGACY_PORT = '4600';
const pages = readdirSync(join(root, 'docs/how-to')).filter(page => !IN_A_CLUSTER.includes(page));

for (const page of pages) describe(`docs/how-to/${page}`, () => followPage(page));

function followPage(page: string): void {
  const parent = mkdtempSync(join(tmpdir(), 'tenfold-how-to-'));
  const [first, ...others] = readPage(`how-to/${page}`);
  if (first === undefined) throw new Error(`${page} shows nothing to do`);
  const [, name = ''] = /tenfold init \.\.\/(\w+)/.exec(first.text) ?? [];
  const folder = join(parent, name);
  let reader: Reader;
  let port = '';

  before(async () => {
    port = String((await freePorts(1))[0]);
    reader = new Reader({ folder, instead: { [`../${name}`]: folder }, env: { LEGACY_PORT: port } });
  });
  after(async () => {
    await reader.close();
    rmSync(parent, { recursive: true, force: true });
  });

  it(`line ${first.line}: ${first.text.split('\n')[0]}`, async () => {
    await reader.follow(first);
    const file = join(folder, 'app.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(LEGACY_PORT, port));
  });
  for (const block of others) it(`line ${block.line}: ${block.text.split('\n')[0]}`, () => reader.follow(block));
}
