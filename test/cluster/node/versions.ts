// Versions of the product that tests put on a node: that of this checkout, and an older one of its
// history, built from its commit as it was built then.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, lstat, mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { SqliteModule } from '../../../drivers/sqlite/module.ts';
import { imageCache } from '../../../scripts/images/image-cache.ts';
import { CHART } from '../../chart/helm.ts';
import { buildTestImages } from '../images.ts';

export interface Version {
  /** Folder of its sources, with all that its command line needs to run. */
  readonly root: string;
  readonly chart: string;
  /** Tag of its images, `dev.local/tenfold/platform` and `…/function`. */
  readonly tag: string;
  /** Archives of the images. */
  readonly tars: readonly string[];
}

/**
 * From here an installation over services is upgraded with no failed request. Commits before
 * 655c0ae store parking logs, epochs of topics and keys of Functions under other names.
 * Where this commit stands in the way of a change that has to be, take a newer one and say
 * so in docs/operations.md.
 */
export const OLDER = '5e2c062';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

export async function thisVersion(): Promise<Version> {
  const { platform, function: functions } = await buildTestImages();
  return { root, chart: CHART, tag: 'test', tars: [platform.tar, functions.tar] };
}

/** Takes some twenty seconds the first time. Two runs may build it at the same time. */
export async function olderVersion(commit = OLDER): Promise<Version> {
  const sources = join(dirname(imageCache()), 'versions', commit);
  const images = join(sources, 'dist/images');
  if (!existsSync(sources)) await unpack(commit, sources);
  await linkPackages(sources);
  const tag = `older-${commit}`;
  const tars = ['platform', 'function'].map(name => join(images, `${name}.tar`));
  if (!tars.every(existsSync)) {
    const build = ['--conditions=tenfold-source', 'scripts/images/main.ts', '--prefix', 'dev.local/tenfold'];
    await run(process.execPath, [...build, '--out', images, '--tag', tag], { cwd: sources });
  }
  return { root: sources, chart: join(sources, 'charts/tenfold'), tag, tars };
}

/**
 * An application as somebody who has this version would have it: its functions are bundled
 * with the SDK of the version.
 */
export async function applicationOf(version: Version, folder: string): Promise<string> {
  if (version.root === root) return folder;
  const copy = join(version.root, 'applications', basename(folder));
  await cp(folder, copy, { recursive: true });
  return copy;
}

/**
 * Of the tables in the file of the embedded drivers; a version refuses a file in which one
 * of them is above its own.
 */
export async function tableVersions({ root: sources }: Version): Promise<Readonly<Record<string, number>>> {
  const folders = ['event-log/sqlite', 'store/sqlite', 'blob-store/folder', 'search-index/sqlite'];
  const modules = folders.map(
    async (folder): Promise<readonly SqliteModule[]> =>
      Object.values(await import(join(sources, 'drivers', folder, 'module.ts'))),
  );
  const all = (await Promise.all(modules)).flat().filter(({ migrations }) => migrations !== undefined);
  return Object.fromEntries(all.map(({ name, migrations }) => [name, migrations.length]));
}

async function unpack(commit: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const partial = await mkdtemp(`${to}.`);
  try {
    const tar = join(partial, 'sources.tar');
    await run('git', ['archive', '--output', tar, commit], { cwd: root }).catch(cause => {
      const hint = 'Has this checkout all of its history? If not: git fetch --unshallow.';
      throw new Error(`The older version, commit ${commit}, is not there. ${hint}`, { cause });
    });
    await run('tar', ['-xf', tar, '-C', partial]);
    await rm(tar);
    await rename(partial, to);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    // Another run was faster.
    if (!existsSync(to)) throw error;
  }
}

/** Those of this checkout, where it has all that the version wants. */
async function linkPackages(sources: string): Promise<void> {
  const packages = join(sources, 'node_modules');
  // Installed by an earlier run.
  if ((await lstat(packages).catch(() => undefined))?.isDirectory()) return;
  const [wanted, here] = await Promise.all([lockedIn(sources), lockedIn(root)]);
  if ([...wanted].some(([path, version]) => here.get(path) !== version)) {
    await rm(packages, { force: true });
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'], {
      cwd: sources,
    });
    return;
  }
  // Anew each time, as the checkout of an earlier run may be gone.
  const link = `${packages}.${process.pid}`;
  await symlink(join(root, 'node_modules'), link);
  await rename(link, packages);
}

/** Version of each package that it depends on, by where it lies. */
async function lockedIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const lock: { packages: Record<string, { version: string }> } = JSON.parse(
    await readFile(join(folder, 'package-lock.json'), 'utf8'),
  );
  const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
  return new Map(packages.map(([path, { version }]) => [path, version]));
}
