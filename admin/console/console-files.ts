// The built files of the Console: one page, and assets whose names change with their content. Each
// is compressed by gzip when it is built: a smaller form would make the package larger.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadyFile } from './send-file.ts';

export interface ConsoleFiles {
  readonly page: ReadyFile;
  readonly assets: ReadonlyMap<string, ReadyFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Undefined where the Console was not built. */
export async function readConsoleFiles(folder: string): Promise<ConsoleFiles | undefined> {
  const inside = await readdir(join(folder, 'assets')).catch(() => []);
  const page = await readOne(join(folder, 'index.html'));
  if (page === undefined) return undefined;
  const names = inside.filter(name => TYPES[endingOf(name)] !== undefined);
  const read = await Promise.all(names.map(async name => [name, await readOne(join(folder, 'assets', name))] as const));
  return { page, assets: new Map(read.flatMap(([name, file]) => (file === undefined ? [] : [[name, file]]))) };
}

async function readOne(path: string): Promise<ReadyFile | undefined> {
  const type = TYPES[endingOf(path)];
  const [plain, gzip] = await Promise.all([read(path), read(`${path}.gz`)]);
  return plain === undefined || type === undefined ? undefined : { type, plain, gzip, brotli: undefined };
}

function read(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(() => undefined);
}

function endingOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
