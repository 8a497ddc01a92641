// Builds what ships: one table of entries, bundled by esbuild into dist/, and the SDK's type declarations by tsc.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

interface Entry {
  readonly source: string;
  readonly output: string;
  /** Whether npm dependencies are bundled too; else they are resolved where it runs. */
  readonly selfContained: boolean;
}

const entries: readonly Entry[] = [
  { source: 'sdk/index.ts', output: 'sdk/index.js', selfContained: false },
  { source: 'sdk/testing/index.ts', output: 'sdk/testing/index.js', selfContained: false },
  { source: 'runtime/main.ts', output: 'runtime/main.js', selfContained: true },
  { source: 'cli/main.ts', output: 'cli/main.js', selfContained: false },
  { source: 'drivers/sqlite/thread-main.ts', output: 'sqlite/thread-main.js', selfContained: false },
  { source: 'server/sql/child/main.ts', output: 'sql/main.js', selfContained: false },
];

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');

/** `node scripts/build.ts sdk runtime` builds these folders alone. */
const wanted = process.argv.slice(2);
const selected = entries.filter(
  ({ source }) => wanted.length === 0 || wanted.some(folder => source.startsWith(`${folder}/`)),
);
const missing = selected.filter(({ source }) => !existsSync(join(root, source)));
if (selected.length === 0 || missing.length > 0) {
  const what = missing.map(({ source }) => source).join(', ') || `an entry in ${wanted.join(', ')}`;
  console.error(`Nothing was built: ${what} does not exist. The entries are those of the table in scripts/build.ts.`);
  process.exit(1);
}
for (const { output } of selected) rmSync(join(dist, dirname(output)), { recursive: true, force: true });
const builds = selected.map(({ source, output, selfContained }) =>
  build({
    entryPoints: [{ in: join(root, source), out: output.replace(/\.js$/, '') }],
    outdir: dist,
    bundle: true,
    // Keeps dynamic imports what they are: chunks that load when needed, in the folder of their entry.
    splitting: true,
    chunkNames: `${dirname(output)}/[name]-[hash]`,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    sourcemap: true,
    sourcesContent: false,
    packages: selfContained ? 'bundle' : 'external',
    conditions: ['tenfold-source'],
    legalComments: 'none',
    logLevel: 'error',
  }),
);
const failed = (await Promise.allSettled(builds)).filter(result => result.status === 'rejected');
if (failed.length > 0) process.exit(1);

const declarations = ['-p', join(root, 'scripts/tsconfig.declarations.json')];
if (!selected.some(({ source }) => source.startsWith('sdk/'))) process.exit(0);
const { status } = spawnSync(join(root, 'node_modules/.bin/tsc'), declarations, { stdio: 'inherit' });
process.exit(status ?? 1);
