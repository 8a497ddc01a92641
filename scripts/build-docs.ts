// Builds what every page of the documentation loads: one script, one style, and the frame around
// the text. The text itself is rendered from docs/ when somebody asks for it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { root } from './bundle.ts';

/** Replaces the folder. Answers with the files that went into it, from the root of the checkout. */
export async function buildDocs(folder: string): Promise<readonly string[]> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const source = join(root, 'console/docs');
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { docs: join(source, 'main.ts'), style: join(source, 'style.css') },
    outdir: join(folder, 'assets'),
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'error',
    metafile: true,
  });
  const built = Object.keys(metafile.outputs).map(path => basename(path));
  const named = (ending: string) => built.find(name => name.endsWith(ending)) ?? '';
  writeFileSync(join(folder, 'assets/icon.svg'), readFileSync(join(root, 'console/icon.svg')));
  const page = readFileSync(join(source, 'index.html'), 'utf8');
  writeFileSync(join(folder, 'index.html'), page.replace('{script}', named('.js')).replace('{style}', named('.css')));
  return Object.keys(metafile.inputs);
}
