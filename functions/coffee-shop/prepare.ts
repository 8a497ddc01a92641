// Starts the login on a free port, and gives a folder in which the application trusts it.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Issuer, startIssuer } from './issuer.ts';

export interface Prepared {
  /** To be run by the platform. */
  readonly directory: string;
  readonly issuer: Issuer;
  close(): Promise<void>;
}

export async function prepare(): Promise<Prepared> {
  const here = import.meta.dirname;
  const issuer = await startIssuer(0);
  const directory = newFolder(join(here, '.cache'));
  const close = async () => {
    await issuer.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    for (const file of readdirSync(here).filter(name => /\.yaml(\.later)?$/.test(name))) {
      const text = readFileSync(join(here, file), 'utf8')
        .replaceAll('http://127.0.0.1:4601', issuer.url)
        .replace(/^( +)source: \.\/(.+)$/gm, '$1source: ../../$2')
        .replace('schema: ./shop.graphql', 'schema: ../../shop.graphql');
      writeFileSync(join(directory, file), text);
    }
    return { directory, issuer, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function newFolder(parent: string): string {
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'run-'));
}
