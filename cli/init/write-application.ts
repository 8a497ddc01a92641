// Writes the template of a new application into a folder, all of it or nothing.
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { packageFile } from '../../server/package-file.ts';
import { CommandError } from '../command-error.ts';
import { templatePath } from '../templates.ts';

/** Keeps tools from taking the templates for code, packages and settings of this repository. */
const SUFFIX = '.template';

/** Answers with the files written, relative to the folder. */
export async function writeApplication(directory: string, force: boolean): Promise<string[]> {
  const root = templatePath('init');
  const entries = await readdir(root, { recursive: true });
  const templates = entries.filter(entry => entry.endsWith(SUFFIX)).sort();
  const files = templates.map(entry => entry.slice(0, -SUFFIX.length));
  if (!force) await refuseExisting(directory, files);
  const values = await valuesFor(directory);
  for (const [index, template] of templates.entries()) {
    const text = await readFile(join(root, template), 'utf8');
    const path = join(directory, files[index] ?? '');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, fill(text, values));
  }
  return files;
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

async function valuesFor(directory: string): Promise<Readonly<Record<string, string>>> {
  const { version, devDependencies } = packageJson.parse(
    JSON.parse(await readFile(packageFile('package.json'), 'utf8')),
  );
  const name = basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '');
  return {
    name: name === '' ? 'application' : name,
    version,
    node: devDependencies.node,
    typesNode: devDependencies['@types/node'],
    typescript: devDependencies.typescript,
  };
}

/** Replaces `{{name}}`; a template that asks for an unknown value is a bug. */
function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`A template asks for {{${name}}}, which nobody gives.`);
    return value;
  });
}
