// The files that a function on this machine may read and write: its application and its packages,
// but nothing that the platform stores.
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { FunctionDefinition, Permissions } from '../function-host.ts';
import { isWithin, pathsWithout } from './paths-without.ts';
import type { Reach } from './permission-flags.ts';

export interface Grounds {
  /** Folder of the application. */
  readonly application: string;
  /**
   * Paths that no function reads or writes, whatever it declares: the
   * platform's state, data and secrets.
   */
  readonly kept: readonly string[];
  /** Files and folders that the runtime consists of. */
  readonly runtime: readonly string[];
  /** Folders that a function has for itself, to read and write; inside of `kept` or not. */
  own(definition: FunctionDefinition): readonly string[];
}

const PACKAGES = 'node_modules';
const NONE: Permissions = { read: [], write: [], allow: [] };

/** Looks at the disk at each call, as files come and go. */
export function createReach({ application, kept, runtime, own }: Grounds): (definition: FunctionDefinition) => Reach {
  const linked = createLinkedPackages();
  const withheld = bothNames(kept);
  const open = (paths: readonly string[]) => [
    ...new Set(
      paths.flatMap(path => {
        const real = realPath(path);
        // Withheld files are also withheld by the name that the link gives them.
        const alias = withheld.filter(one => isWithin(one, real)).map(one => join(path, relative(real, one)));
        return [path, real].flatMap(name => pathsWithout(name, [...withheld, ...alias], namesIn));
      }),
    ),
  ];
  return definition => {
    const { run, permissions = NONE } = definition;
    const folder = run.by === 'source' ? dirname(run.file) : application;
    const packages = packageFolders([folder, ...runtime]);
    const foreign = packages.flatMap(linked);
    const mine = bothNames(own(definition));
    const code = [application, folder, ...packages, ...foreign, ...packageFolders(foreign), ...runtime];
    return {
      read: [...open([...code, ...permissions.read, ...permissions.write]), ...mine],
      write: [...open(permissions.write), ...mine],
      allow: permissions.allow,
    };
  };
}

/** Folders where Node looks for packages of modules in these folders. */
function packageFolders(folders: readonly string[]): string[] {
  const found = new Set<string>();
  for (const start of bothNames(folders)) {
    for (let folder = start; ; folder = dirname(folder)) {
      const packages = join(folder, PACKAGES);
      if (statSync(packages, { throwIfNoEntry: false })?.isDirectory()) found.add(packages);
      if (dirname(folder) === folder) break;
    }
  }
  return [...found];
}

/**
 * Folders that packages lie in which are linked, as those of a workspace are. Looks again where
 * something was installed meanwhile.
 */
function createLinkedPackages(): (packages: string) => readonly string[] {
  const seen = new Map<string, { readonly changedAt: number; readonly folders: readonly string[] }>();
  return packages => {
    const changedAt = statSync(packages, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const before = seen.get(packages);
    if (before?.changedAt === changedAt) return before.folders;
    const home = realPath(packages);
    const scopes = namesIn(packages).filter(name => name.startsWith('@'));
    const links = [packages, ...scopes.map(scope => join(packages, scope))].flatMap(linksIn);
    const folders = [...new Set(links.map(realPath))].filter(path => !isWithin(path, home));
    seen.set(packages, { changedAt, folders });
    return folders;
  };
}

/** As they are named and as they are, where a link leads there. */
function bothNames(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap(path => [path, realPath(path)]))];
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there yet: then it is no link either, but what it lies in may be reached by one.
    return dirname(path) === path ? path : join(realPath(dirname(path)), path.slice(dirname(path).length));
  }
}

function linksIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter(entry => entry.isSymbolicLink()).map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
