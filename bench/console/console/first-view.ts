// The first view of somebody who is signed in, with nothing in the cache: bytes and time.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { median } from '../../measure/report.ts';
import type { ConsolePlace } from './place.ts';
import { barRow, kilobytes } from './rows.ts';
import { bytesOf, openTab, type Shown, show, slowDown } from './tab.ts';

const FIRST_KB = 60;
const ALL_KB = 250;
const INTERACTIVE_MS = 1_000;

export async function measureFirstView(browser: Browser, place: ConsolePlace, rounds: number): Promise<string[][]> {
  const { admin } = place.running.addresses;
  const views: Shown[] = [];
  const files: number[] = [];
  const answers: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const tab = await openTab(browser, admin);
    await slowDown(tab);
    const bytes = await bytesOf(tab, async () => {
      views.push(await show(tab, `${admin}/console/`, '.well, .findings > li', ['/api/diagnosis']));
    });
    files.push(bytes.files);
    answers.push(bytes.answers);
    await tab.close();
  }
  const interactive = median(views.map(({ usableMs }) => usableMs));
  return [
    barRow('first view: files over the wire', kilobytes(median(files)), median(files), FIRST_KB * 1_000),
    ['first view: answers of the API beside them', kilobytes(median(answers)), '', ''],
    barRow('first view: interactive', `${interactive.toFixed(0)} ms`, interactive, INTERACTIVE_MS),
  ];
}

/** Files as the build has them. The page of SQL has the editor and its completion, and no more. */
export function measureBuild(folder: string): string[][] {
  const sizes = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.gz'))
    .map(name => ({ name, bytes: statSync(join(folder, name)).size }));
  const sum = (some: typeof sizes) => some.reduce((total, { bytes }) => total + bytes, 0);
  const rest = sum(sizes.filter(({ name }) => !/\bsql-/.test(name)));
  const all = sum(sizes);
  return [
    barRow('all pages but SQL, charts included', kilobytes(rest), rest, ALL_KB * 1_000),
    ['all pages with SQL', kilobytes(all), '', ''],
  ];
}
