// What is installed runs no script of its own, on no machine that builds or tests this, but those
// of packages that were looked at.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from './source-files.ts';

interface Package {
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}
interface Lock {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
}

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  // A link to what only the build writes leads nowhere before it.
  .filter(file => file !== '' && existsSync(join(root, file)));
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const readJson = <T>(file: string): T => JSON.parse(textOf(file));

/** Commands of a shell, and of what starts programs: `npm ci`, and `'npm', ['ci'`. */
const INSTALLS =
  /\b(?:npm|yarn|pnpm|bun)\b(?:(?:\s+-\S+)*\s+|['"],\s*\[\s*['"])(?:ci|clean-install|i|install|add|update|up|exec|rebuild|x)\b.*/;
/** Files with words for people, in which a command is advice. */
const isProse = (file: string) => /\.(md|md\.template|snapshot\.txt)$/.test(file);
/** In sources a command is one where it is started; all else is a message. */
const isSource = (file: string) => /\.(ts|mjs|js)$/.test(file);

function installsOf(file: string, text: string): string[] {
  if (isProse(file)) return [];
  // A command that goes on in the next line is one.
  const lines = text.replaceAll('\\\n', ' ').split('\n');
  return lines.flatMap(line => {
    const found = INSTALLS.exec(line)?.[0];
    if (found === undefined || /^\s*(#|\/\/|\*)/.test(line)) return [];
    if (!isSource(file)) return [found];
    // As a shell would have it: `'npm', ['ci', '--x']` is `npm ci --x`.
    return /^\w+['"],/.test(found)
      ? [
          found
            .replace(/\].*/, '')
            .replace(/[^\w@/=.-]+/g, ' ')
            .trim(),
        ]
      : [];
  });
}

function isHeld(command: string, allowed: ReadonlySet<string>): boolean {
  const rebuilt = /^npm rebuild --ignore-scripts=false(?: --loglevel=\w+)?((?: [@\w/-]+)+)(?:$| \|\|)/.exec(
    command,
  )?.[1];
  if (rebuilt !== undefined)
    return rebuilt
      .trim()
      .split(' ')
      .every(name => allowed.has(name));
  return /--ignore-scripts(?!=)/.test(command);
}

const namesOf = (folder: string, value: boolean) =>
  new Set(
    Object.entries(readJson<Package>(join(folder, 'package.json')).allowScripts ?? {})
      .filter(([, allowed]) => allowed === value)
      .map(([name]) => name),
  );

describe('Install scripts', () => {
  const allowed = namesOf('.', true);
  // Not this file: it has examples of what it looks for.
  const found = files
    .filter(file => basename(file) !== basename(import.meta.filename) && !file.endsWith('package-lock.json'))
    .flatMap(file => installsOf(file, textOf(file)).map(command => ({ file, command })));

  it('run nowhere but for packages of the allow list, by name', () => {
    assert.ok(found.length >= 7, 'it finds the places that are known');
    for (const file of ['Makefile', 'docker-compose.yaml', 'scripts/images/Dockerfile'])
      assert.ok(
        found.some(one => one.file === file),
        `it looks into ${file}`,
      );
    assert.deepEqual(
      found.filter(({ command }) => !isHeld(command, allowed)),
      [],
    );
  });

  it('are off for whoever installs by hand in the checkout', () => {
    assert.match(textOf('.npmrc'), /^ignore-scripts=true$/m);
  });

  it('are found in whatever way they are written', () => {
    const caught = [
      ['a.sh', 'npm ci'],
      ['a.sh', 'cd x && npm --silent install y'],
      ['Dockerfile', 'RUN npm install \\\n  --omit=dev'],
      ['a.yml', '  - run: npm i'],
      ['a.yml', '  - run: pnpm add x'],
      ['a.ts', "run('npm', ['install', '--no-audit'])"],
      ['a.sh', 'npm ci --ignore-scripts=false'],
      ['a.sh', 'npm rebuild --ignore-scripts=false node cpu-features'],
      ['a.sh', 'npm rebuild --ignore-scripts=false'],
    ] as const;
    for (const [file, text] of caught) {
      const commands = installsOf(file, text);
      assert.equal(commands.length, 1, text);
      assert.ok(!commands.every(command => isHeld(command, new Set(['node']))), text);
    }
    for (const text of ['npm ci --ignore-scripts', 'npm rebuild --ignore-scripts=false node'])
      assert.ok(isHeld(text, new Set(['node'])), text);
    assert.deepEqual(installsOf('a.ts', "'run npm install x'"), []);
  });

  for (const lock of files.filter(file => basename(file) === 'package-lock.json')) {
    const folder = dirname(lock);
    it(`of all packages in ${lock} have been looked at`, () => {
      const { packages } = readJson<Lock>(lock);
      const withScripts = Object.entries(packages)
        .filter(([, { hasInstallScript }]) => hasInstallScript)
        .map(([path]) => path.replace(/^.*node_modules\//, ''));
      const known = new Set([...namesOf(folder, true), ...namesOf(folder, false)]);
      assert.deepEqual(
        withScripts.filter(name => !known.has(name)),
        [],
      );
      assert.deepEqual(
        [...known].filter(name => !withScripts.includes(name)),
        [],
      );
    });
  }
});
