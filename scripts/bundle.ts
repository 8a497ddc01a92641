// The shipped code, bundled by esbuild: one table of entries, for the package on a laptop and for
// images alike.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, type BuildResult, build } from 'esbuild';

export interface Entry {
  readonly source: string;
  readonly output: string;
  /**
   * Whether npm dependencies are bundled too; else they are resolved where it runs. Each thread of
   * the database loads its entry for itself, and a hundred files fewer start it in two thirds.
   */
  readonly selfContained: boolean;
}

export const entries: readonly Entry[] = [
  { source: 'sdk/index.ts', output: 'sdk/index.js', selfContained: false },
  { source: 'sdk/testing/index.ts', output: 'sdk/testing/index.js', selfContained: false },
  { source: 'runtime/main.ts', output: 'runtime/main.js', selfContained: true },
  { source: 'cli/main.ts', output: 'cli/main.js', selfContained: false },
  { source: 'drivers/sqlite/thread-main.ts', output: 'sqlite/thread-main.js', selfContained: true },
  { source: 'server/tracing/thread-main.ts', output: 'tracing/thread-main.js', selfContained: false },
  { source: 'server/sql/child/main.ts', output: 'sql/main.js', selfContained: false },
];

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

export interface BundleOptions {
  readonly outdir: string;
  /**
   * Bundles npm dependencies of every entry, but for these, and leaves out
   * what only debuggers read.
   */
  readonly whole?: { readonly external: readonly string[] };
}

/** Of all that runs by Node.js alone. */
export const FOR_NODE = {
  platform: 'node',
  target: 'node24',
  format: 'esm',
  conditions: ['tenfold-source'],
  legalComments: 'none',
  logLevel: 'error',
  metafile: true,
} satisfies BuildOptions;

/** The packages that went into it are in `metafile`. */
export function bundle({ source, output, selfContained }: Entry, { outdir, whole }: BundleOptions) {
  return build({
    absWorkingDir: root,
    entryPoints: [{ in: join(root, source), out: output.replace(/\.js$/, '') }],
    outdir,
    bundle: true,
    // Leaves dynamic imports as chunks that load when needed, in the folder of their entry.
    splitting: true,
    chunkNames: `${dirname(output)}/[name]-[hash]`,
    ...FOR_NODE,
    ...(whole === undefined
      ? {
          sourcemap: true,
          sourcesContent: false,
          packages: selfContained ? ('bundle' as const) : ('external' as const),
          // Libraries are most of this code, and its maps lead to the lines as written.
          minifyWhitespace: selfContained,
        }
      : { minifyWhitespace: true, external: [...whole.external], banner: { js: REQUIRE } }),
  }) satisfies Promise<BuildResult>;
}

/** Packages that are CommonJS ask for the modules of Node by this. */
const REQUIRE =
  "import{createRequire as createRequireOfTenfold}from'node:module';const require=createRequireOfTenfold(import.meta.url);";
