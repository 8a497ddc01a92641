// What a release has left in a service, as text in test/fixtures/upgrade: read by tests of later
// ones. `WRITE_FIXTURES=1` writes it anew, with what this release writes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * By the release that has written it; a release that changes what is written gets
 * one of its own beside it.
 */
export async function fixtureOf<T>(release: string, name: string, write: () => Promise<T>): Promise<T> {
  const file = new URL(`../fixtures/upgrade/${release}/${name}.json`, import.meta.url);
  if (process.env['WRITE_FIXTURES']) {
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(await write(), null, 1)}\n`);
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}
