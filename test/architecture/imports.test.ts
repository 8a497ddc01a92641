// The import arrows between the top-level folders (ARCHITECTURE.md), and the
// privacy of internal/ folders.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { circlesOf } from './circles.ts';
import { FOLDERS, importsOf, root, sourceFiles } from './source-files.ts';

/**
 * What each folder may import of ours; `drivers/*` stands for a port alone, not for its drivers.
 */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  // What it imports is bundled into it, so that it ships without a dependency.
  sdk: ['core/retry', 'core/units'],
  core: [],
  resources: ['core'],
  drivers: ['core'],
  gateway: ['core', 'resources', 'drivers'],
  worker: ['core', 'resources', 'drivers'],
  runtime: ['sdk', 'core'],
  k8s: ['core', 'resources'],
  images: ['core'],
  admin: ['core', 'resources', 'drivers', 'gateway'],
  server: ['core', 'resources', 'drivers', 'gateway', 'worker', 'admin'],
  cli: ['sdk', 'core', 'resources', 'drivers', 'gateway', 'worker', 'runtime', 'k8s', 'images', 'admin', 'server'],
  // Types of the admin API's answers, and words; a test below says so.
  console: ['core', 'resources', 'drivers', 'gateway', 'admin'],
  functions: ['sdk'],
  // What it imports is bundled into it.
  create: ['cli', 'server', 'core'],
};

describe('import arrows', () => {
  for (const [folder, allowed] of Object.entries(ARROWS)) {
    it(`${folder} imports ${allowed.length === 0 ? 'nothing of ours' : `only ${allowed.join(', ')}`}`, () => {
      const wrong: string[] = [];
      for (const file of sourceFiles(folder)) {
        for (const specifier of importsOf(file)) {
          const target = targetOf(file, specifier);
          if (target === undefined) continue;
          const isAllowed = [folder, ...allowed].some(each => `${target}${sep}`.startsWith(`${each}${sep}`));
          if (!isAllowed) wrong.push(`${file} → ${specifier}`);
        }
      }
      assert.deepEqual(wrong, []);
    });
  }

  it('console imports only types of others, and what only computes: a browser cannot run the rest', () => {
    const wrong = sourceFiles('console').flatMap(file =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/^import (?!type\b)[^;]*? from '([^']+)'/gm)]
        .map(([, specifier = '']) => ({ specifier, target: targetOf(file, specifier) }))
        .filter(
          ({ target = 'console/' }) =>
            !/^(console|core\/units|core\/jobs|core\/retry\/(backoff|retry-after)|core\/http\/server-events|resources\/(kinds\/kind-names|part-of|shown-condition))\b/.test(
              target.replaceAll(sep, '/'),
            ),
        )
        .map(({ specifier }) => `${file} → ${specifier}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('gateway, worker, admin see the ports of drivers, never a driver', () => {
    const wrong: string[] = [];
    for (const folder of ['gateway', 'worker', 'admin']) {
      for (const file of sourceFiles(folder)) {
        for (const specifier of importsOf(file)) {
          const target = targetOf(file, specifier);
          if (target?.startsWith(`drivers${sep}`) && target.split(sep).length > 3) wrong.push(`${file} → ${specifier}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('no files import each other in a circle, types included', () => {
    const files = FOLDERS.flatMap(sourceFiles);
    const known = new Set(files);
    const graph = new Map(
      files.map(file => [
        file,
        importsOf(file)
          .flatMap(specifier => targetOf(file, specifier) ?? [])
          .filter(target => known.has(target)),
      ]),
    );
    assert.deepEqual(circlesOf(graph), []);
  });

  it('no folders of the gateway import each other in a circle, so that what the steps import never imports the steps', () => {
    const files = sourceFiles('gateway');
    const known = new Set(files);
    const graph = new Map<string, string[]>(files.map(file => [nodeOf(file), []]));
    for (const file of files) {
      for (const specifier of importsOf(file)) {
        const target = targetOf(file, specifier);
        if (target === undefined || !known.has(target)) continue;
        const [from, to] = [nodeOf(file), nodeOf(target)];
        const within = `${from}${sep}`.startsWith(`${to}${sep}`) || `${to}${sep}`.startsWith(`${from}${sep}`);
        if (!within) graph.get(from)?.push(to);
      }
    }
    assert.ok(graph.get(join('gateway', 'steps'))?.includes(join('gateway', 'exchange')), 'imports are found');
    assert.deepEqual(circlesOf(graph), []);
  });

  it('nothing outside a folder imports its internal/', () => {
    const wrong: string[] = [];
    for (const folder of Object.keys(ARROWS)) {
      for (const file of sourceFiles(folder)) {
        for (const specifier of importsOf(file)) {
          const target = targetOf(file, specifier);
          const owner = target?.split(`${sep}internal${sep}`)[0];
          if (target !== undefined && owner !== target && !file.startsWith(`${owner}${sep}`))
            wrong.push(`${file} → ${specifier}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('are drawn in ARCHITECTURE.md for every folder that there is', () => {
    const map = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split('```')[1] ?? '';
    const folders = Object.keys(ARROWS).filter(folder => existsSync(join(root, folder)));
    for (const folder of folders) assert.match(map, new RegExp(`^${folder}/`, 'm'));
  });
});

/** The folder of a file; a file beside the folders of the gateway stands for itself. */
function nodeOf(file: string): string {
  return dirname(file) === 'gateway' ? file : dirname(file);
}

/**
 * Path from the root of the module that `specifier` names, undefined for
 * packages; `tenfold` is the SDK.
 */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier === 'tenfold' || specifier.startsWith('tenfold/')) return `sdk${sep}index.ts`;
  if (!specifier.startsWith('.')) return undefined;
  return relative(root, resolve(dirname(resolve(root, file)), specifier));
}
