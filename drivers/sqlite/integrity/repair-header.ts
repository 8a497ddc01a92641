// The header of a database file, which begins its first page: most of it is alike in every file
// that this program makes. For copies only.
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { APPLICATION_ID, APPLICATION_ID_AT, HEADER } from '../open-file.ts';

const MAGIC = 'SQLite format 3\0';
/** https://www.sqlite.org/fileformat.html, "The Database Header": place, bytes, value. */
const FIELDS: readonly (readonly [at: number, bytes: number, value: number])[] = [
  [16, 2, 4096], // size of a page
  [20, 1, 0], // bytes left free in each page
  [21, 1, 64], // fractions of a page
  [22, 1, 32],
  [23, 1, 32],
  [44, 4, 4], // format of the schema
  [56, 4, 1], // UTF-8
  [APPLICATION_ID_AT, 4, APPLICATION_ID],
];
/** The format for writers and that for readers: 2 is WAL, and 1 is another journal. */
const JOURNALS_AT = [18, 19] as const;
const CHANGES_AT = 24;
const CHANGES_OF_SIZE_AT = 92;

/** Returns what was damaged. A shorter file has all of its pages in the WAL. */
export function repairHeader(path: string): string[] {
  const handle = openSync(path, 'r+');
  try {
    const header = Buffer.alloc(HEADER);
    if (readSync(handle, header, 0, HEADER, 0) < HEADER) return [];
    const isSound = repairFirstPage(header);
    writeSync(handle, header, 0, HEADER, 0);
    return isSound ? [] : ['the header of the file is damaged'];
  } finally {
    closeSync(handle);
  }
}

/** Says whether it was sound. Changes `page`, so that SQLite also counts the pages anew. */
export function repairFirstPage(page: Buffer): boolean {
  const before = Buffer.from(page.subarray(0, HEADER));
  page.write(MAGIC, 'latin1');
  for (const [at, bytes, value] of FIELDS) page.writeUIntBE(value, at, bytes);
  const isJournal = JOURNALS_AT.every(at => [1, 2].includes(page.readUInt8(at)));
  if (!isJournal) for (const at of JOURNALS_AT) page.writeUInt8(2, at);
  const isSound = page.subarray(0, HEADER).equals(before);
  // A size that was written with another change is not believed.
  page.writeUInt32BE(page.readUInt32BE(CHANGES_AT) ^ 1, CHANGES_OF_SIZE_AT);
  return isSound;
}
