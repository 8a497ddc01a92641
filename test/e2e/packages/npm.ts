// Packs the three packages of this checkout, and gives npm a registry that has them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startRegistry } from '../../fakes/fake-registry.ts';
import { root } from '../platform-process.ts';

export const MEGABYTE = 2 ** 20;
export const INSTALL: readonly string[] = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];

interface Manifest {
  readonly name: string;
  readonly version: string;
}

interface Packed {
  readonly name: string;
  readonly size: number;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

export interface Packages {
  /** Everything below it is removed in the end. */
  readonly folder: string;
  readonly packed: readonly Packed[];
  /** Settings of npm, by which it installs what this checkout has, and asks no network. */
  readonly npm: NodeJS.ProcessEnv;
  packageOf(name: string): Packed;
  tarballOf(name: string): string;
  close(): void;
}

export async function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  const options = { cwd, env: { ...process.env, NO_COLOR: '1', ...env }, maxBuffer: 64 * MEGABYTE };
  const { stdout, stderr } = await promisify(execFile)(program, args, options);
  return { stdout, stderr };
}

/** A package of one file. */
function writePackage(folder: string, manifest: Manifest): string {
  const path = join(folder, 'others', `${manifest.name}-${manifest.version}`);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'package.json'), JSON.stringify(manifest));
  return path;
}

/** The registry has `others`, too. */
export async function packPackages(others: readonly Manifest[]): Promise<Packages> {
  const folder = mkdtempSync(join(tmpdir(), 'tenfold-package-'));
  // `prepack` builds where nothing has been built just before (BUILT).
  const pack = ['pack', '--json', '--ignore-scripts=false', '--foreground-scripts=false', '--workspaces'];
  const words = [...pack, '--include-workspace-root', '--pack-destination', folder];
  const { stdout } = await run('npm', words, root, { MAKEFLAGS: '' });
  const packed: readonly Packed[] = JSON.parse(stdout);
  const packageOf = (name: string) => packed.find(one => one.name === name) ?? assert.fail(name);
  const tarballOf = (name: string) => join(folder, packageOf(name).filename);
  const tarballs = packed.map(({ name }) => tarballOf(name));
  const registry = await startRegistry([...tarballs, ...others.map(manifest => writePackage(folder, manifest))]);
  const npm = { npm_config_registry: registry.url, npm_config_cache: join(folder, 'cache'), npm_config_yes: 'true' };
  const close = () => {
    registry.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, packed, npm, packageOf, tarballOf, close };
}
