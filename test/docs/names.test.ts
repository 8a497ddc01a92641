// Names that readers copy: what `npx` runs is a command of an installed package, what npm installs
// is ours or known, and images have one name everywhere.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { optionalPackages } from '../../core/packages/optional-package.ts';
import { root } from '../architecture/source-files.ts';

const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const manifest = JSON.parse(textOf('package.json'));
const sdk = JSON.parse(textOf('sdk/package.json'));
const create = JSON.parse(textOf('create/package.json'));

const forUsers = globSync(
  [
    'README.md',
    'SECURITY.md',
    'llms.txt',
    'sdk/README.md',
    'docs/**/*.md',
    'functions/*/README.md',
    'cli/templates/**',
  ],
  { cwd: root, withFileTypes: true },
)
  .filter(entry => entry.isFile())
  .map(entry => join(entry.parentPath, entry.name).slice(root.length).replace(/^\//, ''));

/** All that `pattern` finds in these files, as its first group. */
function found(files: readonly string[], pattern: RegExp): { readonly file: string; readonly name: string }[] {
  return files.flatMap(file => [...textOf(file).matchAll(pattern)].map(([, name = '']) => ({ file, name })));
}

describe('names that readers copy', () => {
  it('npx runs our own command alone, which @tenfold/cli installs', () => {
    const run = found(forUsers, /\b(?:npx|npm exec|pnpm dlx|bunx)(?:\s+-\S+)*\s+([@\w./-]+)/g);
    assert.ok(run.length > 50);
    assert.equal(manifest.name, '@tenfold/cli');
    assert.deepEqual(
      run.filter(({ name }) => !(name in manifest.bin)),
      [],
    );
    // A registry is asked for a package of the command's name where none is installed: it is ours.
    assert.equal(sdk.name, 'tenfold');
    assert.ok(!('bin' in sdk));
  });

  it('npm create runs our own package', () => {
    const run = found(
      [...forUsers, 'create/README.md'],
      /\b(?:npm create|npm init|pnpm create|yarn create) +([@\w/-]+)/g,
    );
    const own = run.filter(({ name }) => !name.startsWith('-'));
    assert.ok(own.length > 4);
    assert.deepEqual(
      own.filter(({ name }) => `create-${name.replace(/@latest$/, '')}` !== create.name),
      [],
    );
    assert.ok(create.name in create.bin);
  });

  it('npx runs what is installed here, for those who change this project', () => {
    const run = found(['CONTRIBUTING.md'], /\bnpx\s+([@\w/-]+)/g);
    assert.ok(run.length > 0);
    assert.deepEqual(
      run.filter(({ name }) => !(name in manifest.devDependencies) && !(name in manifest.bin)),
      [],
    );
  });

  it('npm installs our packages, and those that this version is tested with', () => {
    const lines = found(forUsers, /\bnpm (?:install|i)((?: +(?:\\\n)?[^\s`|)"&#]+)+)/g);
    const named = lines.flatMap(({ file, name }) =>
      name
        .split(/[\s\\]+/)
        .filter(word => /^@?[a-z]/.test(word))
        .map(word => ({ file, name: word.replace(/(?<=.)@.*$/, '') })),
    );
    const known = { ...manifest.devDependencies, [sdk.name]: '', [manifest.name]: '' };
    assert.ok(named.length > 4);
    assert.deepEqual(
      named.filter(({ name }) => !(name in known)),
      [],
    );
  });

  it('optional packages are named with the version that errors name', () => {
    const named = found(forUsers, /\bnpm install --save-dev ((?!tenfold\b)@?[\w/-]+@[\w.-]+)/g);
    const versions = Object.entries(optionalPackages).map(([name, version]) => `${name}@${version}`);
    assert.ok(named.length > 3);
    assert.deepEqual(
      named.filter(({ name }) => !versions.includes(name)),
      [],
    );
  });

  it('images have the names that the chart and the build give them', () => {
    const { image, functionImage } = parse(textOf('charts/tenfold/values.yaml'));
    const ours = [image.repository, functionImage.repository];
    const bake = textOf('scripts/images/docker-bake.hcl');
    for (const name of ours) assert.ok(bake.includes(`$\{REPOSITORY}/${name.replace('tenfold/', '')}:`), name);
    const code = ['cli/build/build.ts', 'cli/operator/begin.ts', 'scripts/images/Dockerfile'];
    const named = found([...forUsers, ...code], /(?<![@\w./-])(tenfold\/[a-z]+)(?=[:`"@\s])/g);
    assert.ok(named.length > 4);
    assert.deepEqual(
      named.filter(({ name }) => !ours.includes(name) && !(name.replace('tenfold', '.') in sdk.exports)),
      [],
    );
  });
});
