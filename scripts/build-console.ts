// Builds the Console: scripts and styles with names that change with their content, each beside its
// compressed forms, and the page that loads them.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from './bundle.ts';

/** Bytes over the wire by gzip. */
export interface BuiltConsole {
  /** A browser loads this much before it shows anything: the page, and the files that it names. */
  readonly first: number;
  readonly all: number;
  /** Files that went into it, from the root of the checkout. */
  readonly inputs: readonly string[];
}

/** Replaces the folder. */
export async function buildConsole(folder: string): Promise<BuiltConsole> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const source = join(root, 'console');
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { console: join(source, 'main.tsx'), style: join(source, 'style/main.css') },
    outdir: join(folder, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'error',
    metafile: true,
  });
  const outputs = Object.entries(metafile.outputs);
  const nameOf = (entry: string) => {
    const found = outputs.find(([, { entryPoint }]) => entryPoint === entry);
    if (found === undefined) throw new Error(`The build of the Console made nothing of ${entry}.`);
    return basename(found[0]);
  };
  const names = { script: nameOf('console/main.tsx'), style: nameOf('console/style/main.css') };
  const icon = 'icon.svg';
  writeFileSync(join(folder, 'assets', icon), readFileSync(join(source, icon)));
  const page = readFileSync(join(source, 'index.html'), 'utf8').replaceAll(/\{(script|style)\}/g, (_, name) =>
    name === 'script' ? names.script : names.style,
  );
  writeFileSync(join(folder, 'index.html'), page);
  const files = ['index.html', ...outputs.map(([path]) => join('assets', basename(path))), join('assets', icon)];
  const sizes = new Map(files.map(file => [basename(file), compress(join(folder, file))]));
  const first = ['index.html', icon, names.style, ...loadedWith(names.script, metafile.outputs)];
  const sum = (some: Iterable<string>) => [...some].reduce((total, name) => total + (sizes.get(name) ?? 0), 0);
  return { first: sum(first), all: sum(sizes.keys()), inputs: Object.keys(metafile.inputs) };
}

/** A script with those that it imports at once. */
function loadedWith(script: string, outputs: Readonly<Record<string, Output>>): Set<string> {
  const byName = new Map(Object.entries(outputs).map(([path, output]) => [basename(path), output]));
  const loaded = new Set([script]);
  for (const name of loaded) {
    for (const { path, kind } of byName.get(name)?.imports ?? [])
      if (kind === 'import-statement') loaded.add(basename(path));
  }
  return loaded;
}

interface Output {
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

function compress(path: string): number {
  const plain = readFileSync(path);
  const gzip = gzipSync(plain, { level: 9 });
  writeFileSync(`${path}.gz`, gzip);
  return gzip.length;
}
