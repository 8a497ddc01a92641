// Packages that an application installs when it needs them, for the command line as it ships.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OptionalPackage, optionalPackages } from '../../../core/packages/optional-package.ts';
import { INSTALL, type Packages, run } from './npm.ts';

const NOWHERE = 'http://127.0.0.1:1';
/** What asks for an optional package, by its words and its environment. */
const OPTIONAL: readonly (readonly [OptionalPackage, readonly string[], NodeJS.ProcessEnv])[] = [
  ['@elastic/elasticsearch', ['serve'], { TENFOLD_SEARCH_ELASTICSEARCH_NODES: NOWHERE }],
  ['@aws-sdk/client-s3', ['dev'], { TENFOLD_BLOBS_S3_BUCKET: 'shop', TENFOLD_BLOBS_S3_ENDPOINT: NOWHERE }],
  ['esbuild', ['build', '--tar', 'images'], {}],
];

/** Applications may have these for themselves. The command line needs newer ones. */
export const OLDER = [
  { name: 'esbuild', version: '0.21.5' },
  { name: 'pg', version: '7.18.2' },
] as const;

/** The command line without a package that it needs, and with it. */
export function describeOptional(app: () => string, tenfold: () => readonly string[], packages: () => Packages): void {
  for (const [name, words, env] of OPTIONAL)
    it(`say by what command ${name} is installed where ${words[0]} needs it`, async () => {
      const [program = '', ...args] = tenfold();
      const failed = await run(program, [...args, ...words], app(), env).then(
        () => assert.fail('it did without'),
        (error: { readonly stderr: string }) => error.stderr,
      );
      const version = optionalPackages[name];
      assert.ok(failed.includes(`needs the package ${name} in version ${version}, which is not installed`), failed);
      assert.ok(failed.includes(`npm install --save-dev ${name}@${version}`), failed);
    });

  it('find an optional package once that command has installed it', async () => {
    await run('npm', [...INSTALL, '--save-dev', `esbuild@${optionalPackages.esbuild}`], app(), packages().npm);
    const [program = '', ...args] = tenfold();
    // It has bundled all Functions before it looks for the image that they are put upon.
    const words = ['build', '--tar', 'images', '--base', 'absent.tar'];
    await assert.rejects(run(program, [...args, ...words], app()), ({ stderr }: { readonly stderr: string }) => {
      assert.match(stderr, /absent\.tar/);
      assert.doesNotMatch(stderr, /esbuild/);
      return true;
    });
  });

  it('leave an application the versions that it needs for itself', async () => {
    const { folder, npm } = packages();
    const older = join(folder, 'older');
    mkdirSync(older);
    const dependencies = Object.fromEntries(OLDER.map(({ name, version }) => [name, version]));
    writeFileSync(join(older, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
    const words = [...INSTALL, '--package-lock-only', '--save-dev', 'tenfold', '@tenfold/cli'];
    const { stderr } = await run('npm', words, older, npm);
    assert.doesNotMatch(stderr, /ERESOLVE|warn/);
    const lock = JSON.parse(readFileSync(join(older, 'package-lock.json'), 'utf8'));
    for (const { name, version } of OLDER) assert.equal(lock.packages[`node_modules/${name}`].version, version);
  });

  it('say which version they need of a package that has another one', async () => {
    const file = join(app(), 'node_modules/esbuild/package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...manifest, version: '0.21.5' }));
    const [program = '', ...args] = tenfold();
    const built = run(program, [...args, 'build', '--tar', 'images'], app());
    await assert.rejects(built, ({ stderr }: { readonly stderr: string }) => {
      const { esbuild } = optionalPackages;
      const needs = `needs the package esbuild in version ${esbuild}, and version 0.21.5 is installed here.`;
      assert.ok(stderr.includes(needs), stderr);
      assert.ok(stderr.includes(`npm install --save-dev esbuild@${esbuild}`), stderr);
      return true;
    });
  });
}
