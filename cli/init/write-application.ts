// Writes the template of a new application into a folder, and nothing where files are in the way.
import { existsSync } from 'node:fs';
import { access, mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { z } from 'zod';
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
  const { directory, template, force, packageFolder = dirname(packageFile('package.json')), userAgent } = application;
  const sources = new Map((await Promise.all([COMMON, template].map(filesOf))).flat());
  const files = [...sources.keys()].sort();
  if (!force) await refuseExisting(directory, files);
  const from = await findPackage(directory, packageFolder);
  const values = valuesFor(directory, from, files.includes('legacy/main.ts'));
  for (const file of files) {
    const path = join(directory, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, fill(await readFile(sources.get(file) ?? '', 'utf8'), values));
  }
  const install = isOldNode(userAgent)
    ? `npm install --save-dev node@${from.version.devDependencies.node}`
    : 'npm install';
  return { files, next: [...from.before, install, 'npm test', 'npm run dev'] };
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

async function refuseExisting(directory: string, files: readonly string[]): Promise<void> {
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
  throw new CommandError('files-exist', `These files are in ${directory} already, and nothing was written:${list}`);
}

/** A new application pins what this version of Tenfold was tested with. */
const packageJson = z.object({
  version: z.string(),
  devDependencies: z.object({ node: z.string(), '@types/node': z.string(), typescript: z.string() }),
});

/** How the new application comes by the packages. */
interface PackageSource {
  /** The version or place of the SDK, as package.json takes it. */
  readonly sdk: string;
  /** The version or place of the command line. */
  readonly cli: string;
  readonly version: z.infer<typeof packageJson>;
  /** Commands that `npm install` needs first. */
  readonly before: readonly string[];
}

/**
 * In a checkout the version is in no registry. The application takes the checkout itself, which
 * must have been built.
 */
async function findPackage(directory: string, checkout: string): Promise<PackageSource> {
  const version = packageJson.parse(JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')));
  if (!existsSync(join(checkout, 'cli', 'main.ts')))
    return { sdk: version.version, cli: version.version, version, before: [] };
  const path = relative(await realPath(directory), await realpath(checkout))
    .split(sep)
    .join('/');
  const built = existsSync(join(checkout, 'dist', 'cli', 'main.js'));
  const before = built ? [] : [`npm run build --prefix ${shellWord(path)}`];
  return { sdk: `file:${path}/sdk`, cli: `file:${path}`, version, before };
}

/** As a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** npm follows links: the way to the checkout begins where the folder really is. */
async function realPath(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  return realpath(directory);
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
