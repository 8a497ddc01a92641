// Starts the search index and an empty relational service on free ports, and gives a folder in
// which the application leads there.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Program, startProgram } from './programs.ts';

export interface Prepared {
  /** To be run by the platform. */
  readonly directory: string;
  /** The page where the relational service shows its load. */
  readonly relational: string;
  close(): Promise<void>;
}

/** `articles`: how many the index has. */
export async function prepare(articles: number): Promise<Prepared> {
  const here = import.meta.dirname;
  mkdirSync(join(here, '.cache'), { recursive: true });
  const directory = mkdtempSync(join(here, '.cache', 'run-'));
  const programs: Program[] = [];
  const close = async () => {
    await Promise.all(programs.map(program => program.close()));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const start = async (...words: [string, ...string[]]) => {
      const program = await startProgram(words);
      programs.push(program);
      return program.url;
    };
    const index = await start('search-index/main.ts', String(articles));
    const relational = await start('relational/main.ts', directory);
    const app = readFileSync(join(here, 'app.yaml'), 'utf8')
      .replaceAll('http://127.0.0.1:4701', index)
      .replaceAll('http://127.0.0.1:4702', relational)
      .replace(/^( +)source: \.\//gm, '$1source: ../../');
    writeFileSync(join(directory, 'app.yaml'), app);
    copyFileSync(join(here, 'article.json'), join(directory, 'article.json'));
    return { directory, relational, close };
  } catch (error) {
    await close();
    throw error;
  }
}
