// Builds the package that `npm create tenfold` runs: one small program without a dependency, and
// the templates of applications beside it.
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { FOR_NODE, root } from './bundle.ts';
import { NOTICES, noticesOf, packagesOf } from './notices.ts';

/** Replaces the folder. */
export async function buildCreate(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(root, 'create/main.ts')],
    outdir: folder,
    bundle: true,
    // An old Node.js reads only the file that refuses it.
    splitting: true,
    chunkNames: '[name]-[hash]',
    minify: true,
    ...FOR_NODE,
  });
  writeFileSync(join(folder, NOTICES), noticesOf(packagesOf(Object.keys(metafile.inputs))));
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  mkdirSync(join(folder, 'cli'));
  cpSync(join(root, 'cli/templates/init'), join(folder, 'cli/templates/init'), { recursive: true });
  // The code looks for its templates, its version and those that it was tested with beside itself.
  const { version, type, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { node, '@types/node': types, typescript } = devDependencies;
  const own = { private: true, version, type, devDependencies: { node, '@types/node': types, typescript } };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(own, null, 2)}\n`);
}
