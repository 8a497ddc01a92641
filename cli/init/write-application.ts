// Writes the template of a new application into a folder, and nothing where files are in the way.
import { existsSync } from 'node:fs';
import { access, mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { optionalPackages } from '../../core/packages/optional-package.ts';
import { packageFile } from '../../server/package-file.ts';
import { CommandError } from '../command-error.ts';
import { templatePath } from '../templates.ts';
import type { ApplicationTemplate } from './application-templates.ts';

/** Keeps tools from taking the templates for code, packages and settings of this repository. */
const SUFFIX = '.template';

/** The major version of Node.js that applications need. */
const LEAST_NODE = 24;

/** The folder of the files that every application has. */
const COMMON = 'common';

export interface NewApplication {
  readonly directory: string;
  readonly template: ApplicationTemplate;
  /** Overwrites files. */
  readonly force: boolean;
  /** People type this to have files overwritten. */
  readonly overwrite?: string;
  /** The folder of this package. */
  readonly packageFolder?: string;
  /** The name and version of the npm that runs this, and of its Node.js. */
  readonly userAgent?: string | undefined;
}

export interface WrittenApplication {
  /** Relative to the folder. */
  readonly files: readonly string[];
  /** The commands that make it run, one after the other, from inside the folder. */
  readonly next: readonly string[];
}

export async function writeApplication(application: NewApplication): Promise<WrittenApplication> {
  const { directory, template, force, overwrite, userAgent } = application;
  const { packageFolder = dirname(packageFile('package.json')) } = application;
  const sources = new Map((await Promise.all([COMMON, template].map(filesOf))).flat());
  const files = [...sources.keys()].sort();
  if (!force) await refuseExisting(directory, files, overwrite ?? '--force');
  await makeFolder(directory);
  const from = await findPackage(directory, packageFolder);
  const values = valuesFor(directory, from, files.includes('legacy/main.ts'));
  for (const file of files) {
    const path = join(directory, file);
    await makeFolder(dirname(path));
    const text = fill(await readFile(sources.get(file) ?? '', 'utf8'), values);
    await writeFile(path, text).catch(error => refuseUnwritable(path, error));
  }
  const install = isOldNode(userAgent)
    ? `npm install --save-dev node@${from.version.devDependencies.node}`
    : 'npm install';
  return { files, next: [...from.before, install, 'npm test', 'npm run dev'] };
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch(error => refuseUnwritable(path, error));
}

/** Throws. People name a file, a folder of somebody else, or a disk that is full. */
function refuseUnwritable(path: string, error: NodeJS.ErrnoException): never {
  if (error.code === undefined) throw error;
  const isInTheWay = ['EEXIST', 'ENOTDIR', 'EISDIR'].includes(error.code);
  const reason = isInTheWay ? 'something else is in its place' : error.message.replace(/,.*/, '');
  throw new CommandError('no-folder', `${path} cannot be written: ${reason}.`, {
    hint: 'choose another folder, one that you may write to.',
    cause: error,
  });
}

/** Whether the user's Node.js cannot run the application, which then takes one as a package. */
function isOldNode(userAgent = ''): boolean {
  return Number(/\bnode\/v(\d+)\./.exec(userAgent)?.[1] ?? LEAST_NODE) < LEAST_NODE;
}

/** The files of a folder of templates, each with the path of its template. */
async function filesOf(folder: string): Promise<[file: string, template: string][]> {
  const root = templatePath(join('init', folder));
  const entries = await readdir(root, { recursive: true });
  return entries
    .filter(entry => entry.endsWith(SUFFIX))
    .map(entry => [entry.slice(0, -SUFFIX.length), join(root, entry)]);
}

async function refuseExisting(directory: string, files: readonly string[], overwrite: string): Promise<void> {
  const found = await Promise.all(
    files.map(file =>
      access(join(directory, file)).then(
        () => [file],
        () => [],
      ),
    ),
  );
  const existing = found.flat();
  if (existing.length === 0) return;
  const list = existing.map(file => `\n  ${file}`).join('');
  throw new CommandError('files-exist', `These files are in ${directory} already, and nothing was written:${list}`, {
    hint: `choose another folder, or overwrite them with ${overwrite}.`,
  });
}

/** Our own package.json. A new application pins what this version of Tenfold was tested with. */
interface OwnPackage {
  readonly version: string;
  readonly devDependencies: Readonly<Record<'node' | '@types/node' | 'typescript', string>>;
}

/** How the new application comes by the packages. */
interface PackageSource {
  /** The version or place of the SDK, as package.json takes it. */
  readonly sdk: string;
  /** The version or place of the command line. */
  readonly cli: string;
  readonly version: OwnPackage;
  /** Commands that `npm install` needs first. */
  readonly before: readonly string[];
}

/**
 * In a checkout the version is in no registry. The application takes the checkout itself, which
 * must have been built.
 */
async function findPackage(directory: string, packageFolder: string): Promise<PackageSource> {
  const version: OwnPackage = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  const checkout = checkoutOf(packageFolder);
  if (checkout === undefined) return { sdk: version.version, cli: version.version, version, before: [] };
  // npm follows links: the way to the checkout begins where the folder really is.
  const path = relative(await realpath(directory), await realpath(checkout))
    .split(sep)
    .join('/');
  const built = existsSync(join(checkout, 'dist', 'cli', 'main.js'));
  const before = built ? [] : [`npm run build --prefix ${shellWord(path)}`];
  return { sdk: `file:${path}/sdk`, cli: `file:${path}`, version, before };
}

/** The checkout that a package is in: its root, or `create/dist`, which the build has written. */
function checkoutOf(packageFolder: string): string | undefined {
  return [packageFolder, join(packageFolder, '../..')].find(folder => existsSync(join(folder, 'cli/main.ts')));
}

/** As a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function valuesFor(
  directory: string,
  { sdk, cli, version: { version, devDependencies } }: PackageSource,
  hasLegacy: boolean,
): Readonly<Record<string, string>> {
  const name = basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '');
  return {
    name: name === '' ? 'application' : name,
    sdk: insideText(sdk),
    cli: insideText(cli),
    version,
    typesNode: devDependencies['@types/node'],
    typescript: devDependencies.typescript,
    duckdb: optionalPackages['@duckdb/node-api'],
    legacyScript: hasLegacy ? '\n    "legacy": "node legacy/main.ts",' : '',
  };
}

/** The text as JSON writes it, without the quotes around it. */
function insideText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Replaces `{{name}}`; a template that asks for an unknown value is a bug. */
function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`A template asks for {{${name}}}, which nobody gives.`);
    return value;
  });
}
