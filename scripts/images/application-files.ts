// The files of this project in each image: bundles, the files that they read, and the packages that
// cannot be bundled.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { LayerFile } from '../../images/layer.ts';
import { buildConsole } from '../build-console.ts';
import { buildDocs } from '../build-docs.ts';
import { bundle, entries, root } from '../bundle.ts';
import { NOTICES, noticesOf, packagesOf } from '../notices.ts';

export interface Application {
  readonly files: readonly LayerFile[];
  /** Names of the npm packages that are in it. */
  readonly packages: readonly string[];
}

/** The folder in the images. */
export const HOME = '/tenfold';

/**
 * GraphQL refuses schemas made by another copy of itself, so there must be one copy for `require`.
 */
const COPIED = ['graphql', 'graphql-http'];
/**
 * 70 MB, and of use to archives alone: `tenfold sql` says that it is missing. The bundler of
 * functions runs before they come here.
 */
const LEFT_OUT = ['@duckdb/node-api', 'esbuild'];

const outputsOf = {
  platform: [
    'runtime/main.js',
    'sdk/index.js',
    'sdk/testing/index.js',
    'cli/main.js',
    'sqlite/thread-main.js',
    'sql/main.js',
    'tracing/thread-main.js',
  ],
  function: ['runtime/main.js', 'sdk/index.js'],
} as const;

const filesOf = {
  platform: [
    ...['cli/templates', 'resources/generated', 'k8s/crds', 'k8s/rbac', 'LICENSE'],
    ...['docs', 'llms.txt', 'README.md', 'CHANGELOG.md'],
  ],
  function: ['LICENSE'],
} as const;

/** `folder` is where bundles are written on the way; it must be empty. */
export async function applicationFiles(image: keyof typeof outputsOf, folder: string): Promise<Application> {
  const names: readonly string[] = outputsOf[image];
  const packages = new Set<string>();
  for (const entry of entries.filter(({ output }) => names.includes(output))) {
    const { metafile } = await bundle(entry, { outdir: folder, whole: { external: [...COPIED, ...LEFT_OUT] } });
    for (const name of packagesOf(Object.keys(metafile.inputs))) packages.add(name);
  }
  if (image === 'platform') {
    const { inputs } = await buildConsole(join(folder, 'console'));
    for (const name of packagesOf([...inputs, ...(await buildDocs(join(folder, 'docs')))])) packages.add(name);
  }
  const copied = image === 'platform' ? COPIED : [];
  const folders = [
    ...(await read(folder, 'dist', () => true)),
    ...(await Promise.all(filesOf[image].map(path => read(join(root, path), path, () => true)))).flat(),
    ...(
      await Promise.all(copied.map(name => read(join(root, 'node_modules', name), `node_modules/${name}`, isCode)))
    ).flat(),
  ];
  const { name, version, license } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const manifest = new TextEncoder().encode(`${JSON.stringify({ name, version, license, type: 'module' })}\n`);
  return {
    files: [
      ...folders,
      { path: `${HOME}/package.json`, content: manifest },
      { path: `${HOME}/${NOTICES}`, content: new TextEncoder().encode(noticesOf(packages)) },
    ],
    packages: [...packages, ...copied].sort(),
  };
}

async function read(from: string, to: string, wanted: (path: string) => boolean): Promise<LayerFile[]> {
  const found = await readdir(from, { withFileTypes: true, recursive: true }).catch(() => undefined);
  if (found === undefined) return [{ path: `${HOME}/${to}`, content: await readFile(from) }];
  const paths = found.filter(entry => entry.isFile()).map(entry => relative(from, join(entry.parentPath, entry.name)));
  return await Promise.all(
    paths
      .filter(wanted)
      .map(async path => ({ path: `${HOME}/${to}/${path}`, content: await readFile(join(from, path)) })),
  );
}

function isCode(path: string): boolean {
  return /(^|\/)(package\.json|LICENSE.*)$/.test(path) || /\.c?js$/.test(path);
}
