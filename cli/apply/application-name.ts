// The name of an application in a cluster: a label on everything that it consists of.
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { CommandError } from '../command-error.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The given name, or that of the only folder; undefined for several paths and for files. */
export async function applicationName(
  asked: string | undefined,
  paths: readonly string[],
  cwd: string,
): Promise<string | undefined> {
  if (asked !== undefined) {
    if (LABEL.test(asked)) return asked;
    throw new CommandError(
      'usage',
      `"${asked}" is no name of an application: small letters, digits and hyphens, at most 63.`,
    );
  }
  const [path, ...others] = paths;
  if (path === undefined || path === '-' || others.length > 0) return undefined;
  const folder = resolve(cwd, path);
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) return undefined;
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return name === '' ? undefined : name;
}
