// Builds what ships into dist/, the SDK into sdk/dist/, with its type declarations by tsc, and what
// `npm create tenfold` runs into create/dist/.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildConsole } from './build-console.ts';
import { buildCreate } from './build-create.ts';
import { buildDocs } from './build-docs.ts';
import { bundle, entries, root } from './bundle.ts';
import { NOTICES, noticesOf, packagesOf } from './notices.ts';

const dist = join(root, 'dist');

/** `node scripts/build.ts sdk runtime` builds these folders alone. */
const wanted = process.argv.slice(2);
const selected = entries.filter(
  ({ source }) => wanted.length === 0 || wanted.some(folder => source.startsWith(`${folder}/`)),
);
const missing = selected.filter(({ source }) => !existsSync(join(root, source)));
const wantsConsole = wanted.length === 0 || wanted.includes('console');
const wantsCreate = wanted.length === 0 || wanted.includes('create');
if ((selected.length === 0 && !wantsConsole && !wantsCreate) || missing.length > 0) {
  const what = missing.map(({ source }) => source).join(', ') || `an entry in ${wanted.join(', ')}`;
  console.error(`Nothing was built: ${what} does not exist. The entries are those of the table in scripts/bundle.ts.`);
  process.exit(1);
}
/**
 * Links of the three packages lead to these files. npm refuses to pack or to publish a package
 * while its own is missing.
 */
const proofs = ['.', 'sdk', 'create'].map(folder => join(root, folder, 'dist/npmignore'));
for (const file of proofs) rmSync(file, { force: true });
for (const { output } of selected) rmSync(join(dist, dirname(output)), { recursive: true, force: true });
const builds = selected.map(entry => bundle(entry, { outdir: dist }));
const pages = wantsConsole
  ? [buildConsole(join(dist, 'console')).then(({ inputs }) => inputs), buildDocs(join(dist, 'docs'))]
  : [];
const inputs = [...builds.map(async build => Object.keys((await build).metafile.inputs)), ...pages];
const created = wantsCreate ? buildCreate(join(root, 'create/dist')) : Promise.resolve();
const settled = await Promise.allSettled(inputs);
await created;
if (settled.some(({ status }) => status === 'rejected')) process.exit(1);
if (wanted.length === 0) {
  const all = settled.flatMap(result => (result.status === 'fulfilled' ? result.value : []));
  writeFileSync(join(dist, NOTICES), noticesOf(packagesOf(all)));
}

const declarations = ['-p', join(root, 'scripts/tsconfig.declarations.json')];
if (!selected.some(({ source }) => source.startsWith('sdk/'))) process.exit(0);
const { status } = spawnSync(join(root, 'node_modules/.bin/tsc'), declarations, { stdio: 'inherit' });
// The SDK bundles what it takes from core, and none of its declarations refers to that.
rmSync(join(dist, 'core'), { recursive: true, force: true });
if (status !== 0) process.exit(status ?? 1);
// The command line keeps a copy for functions that have none installed.
const packed = join(root, 'sdk/dist');
rmSync(packed, { recursive: true, force: true });
cpSync(join(dist, 'sdk'), packed, { recursive: true });
copyFileSync(join(root, 'LICENSE'), join(packed, 'LICENSE'));
if (wanted.length === 0) for (const file of proofs) writeFileSync(file, '*\n');
