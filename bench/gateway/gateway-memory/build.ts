// The gateway as it ships: one bundle, packages resolved where it runs. Sources whose types Node
// strips would count that tool's memory too.
import { join } from 'node:path';
import { build } from 'esbuild';

/** The file to run. It lies in the repository's own cache folder, from where packages are found. */
export async function buildGateway(here: string): Promise<string> {
  const outdir = join(here, '../../.cache/bench/gateway');
  await build({
    entryPoints: [join(here, 'gateway-proxy/tenfold.ts')],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // As what ships: what is imported late is loaded late.
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    packages: 'external',
    conditions: ['tenfold-source'],
    logLevel: 'error',
  });
  return join(outdir, 'tenfold.mjs');
}
