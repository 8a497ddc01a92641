// The words that occur in an index: counted by field for suggestions, and found
// by their parts for typos.
import type { DatabaseSync } from 'node:sqlite';
import { numberColumn, textColumn } from '../../sqlite/columns.ts';
import { editDistance, LONGEST, typosIn } from '../text/edit-distance.ts';
import type { TextField } from '../text/plan.ts';
import type { SearchTables } from './schema.ts';

/** Number of the field that stands for all fields with typos together. */
const FUZZY = -1;
/** Shorter words are not corrected. */
const SHORTEST = 3;
const MAX_CANDIDATES = 400;

export interface VocabularyWriter {
  /** Words that a document no longer has, and those that it has now. */
  change(field: TextField, before: ReadonlySet<string>, after: ReadonlySet<string>): void;
  /** Writes the counts that `change` has gathered. */
  flush(): void;
}

export function openVocabularyWriter(db: DatabaseSync, { terms, grams }: SearchTables): VocabularyWriter {
  const raise = db.prepare(`UPDATE ${terms} SET docs = docs + ? WHERE field = ? AND term = ?`);
  const insert = db.prepare(`INSERT INTO ${terms} VALUES (?, ?, ?)`);
  const lower = db.prepare(`UPDATE ${terms} SET docs = docs + ? WHERE field = ? AND term = ? RETURNING docs`);
  const remove = db.prepare(`DELETE FROM ${terms} WHERE field = ? AND term = ?`);
  const addGram = db.prepare(`INSERT OR IGNORE INTO ${grams} VALUES (?, ?, ?)`);
  const removeGram = db.prepare(`DELETE FROM ${grams} WHERE gram = ? AND length = ? AND term = ?`);
  const counts = new Map<number, Map<string, number>>();

  const count = (field: number, term: string, by: number) => {
    const ofField = counts.get(field) ?? new Map<string, number>();
    counts.set(field, ofField.set(term, (ofField.get(term) ?? 0) + by));
  };
  const write = (field: number, term: string, by: number) => {
    if (by > 0) {
      if (raise.run(by, field, term).changes > 0) return;
      insert.run(field, term, by);
      if (field === FUZZY) for (const gram of gramsOf(term)) addGram.run(gram, term.length, term);
      return;
    }
    const row = lower.get(by, field, term);
    if (row && numberColumn(row, 'docs') > 0) return;
    remove.run(field, term);
    if (field === FUZZY) for (const gram of gramsOf(term)) removeGram.run(gram, term.length, term);
  };
  return {
    change({ number, settings }, before, after) {
      const tell = (term: string, by: number) => {
        if (settings.suggest) count(number, term, by);
        if (settings.fuzzy && term.length >= SHORTEST && term.length <= LONGEST) count(FUZZY, term, by);
      };
      for (const term of before) if (!after.has(term)) tell(term, -1);
      for (const term of after) if (!before.has(term)) tell(term, 1);
    },
    flush() {
      for (const [field, ofField] of counts) for (const [term, by] of ofField) if (by !== 0) write(field, term, by);
      counts.clear();
    },
  };
}

export interface Vocabulary {
  /** Words that occur and are a typo away, the closest and then the most frequent first. */
  similar(word: string, limit: number): readonly string[];
  /** Words of the field that begin so, the most frequent first. */
  completions(field: number, prefix: string, limit: number): readonly string[];
  /** Whether a word of the field begins so. */
  occurs(field: number, word: string): number;
}

export function openVocabulary(db: DatabaseSync, { terms, grams }: SearchTables): Vocabulary {
  const sharing = db.prepare(
    `SELECT term, count(*) AS shared FROM ${grams} WHERE gram IN (SELECT value FROM json_each(?)) AND length BETWEEN ? AND ?
     GROUP BY term HAVING shared >= ? ORDER BY shared DESC LIMIT ? + 0`,
  );
  const docsOf = db.prepare(`SELECT docs FROM ${terms} WHERE field = ? AND term = ?`);
  const beginning = db.prepare(
    `SELECT term FROM ${terms} WHERE field = ? AND term >= ? AND term < ? ORDER BY docs DESC, term LIMIT ? + 0`,
  );
  const occurs = (field: number, term: string) => {
    const row = docsOf.get(field, term);
    return row ? numberColumn(row, 'docs') : 0;
  };
  return {
    similar(word, limit) {
      const max = typosIn(word);
      if (max === 0) return [];
      const parts = [...gramsOf(word)];
      // An edit changes at most four parts.
      const least = Math.max(1, parts.length - 4 * max);
      const rows = sharing.all(JSON.stringify(parts), word.length - max, word.length + max, least, MAX_CANDIDATES);
      const candidates = new Set([...rows.map(row => textColumn(row, 'term')), ...swapsOf(word)]);
      const found: { term: string; distance: number; docs: number }[] = [];
      for (const term of candidates) {
        const distance = term === word ? undefined : editDistance(word, term, max);
        const docs = distance === undefined ? 0 : occurs(FUZZY, term);
        if (distance !== undefined && docs > 0) found.push({ term, distance, docs });
      }
      found.sort((a, b) => a.distance - b.distance || b.docs - a.docs || (a.term < b.term ? -1 : 1));
      return found.slice(0, limit).map(({ term }) => term);
    },
    completions: (field, prefix, limit) =>
      beginning.all(field, prefix, `${prefix}\u{10FFFF}`, limit).map(row => textColumn(row, 'term')),
    occurs,
  };
}

/** Three letters each, with a space before and behind the word. */
function gramsOf(word: string): Set<string> {
  const padded = ` ${word} `;
  const grams = new Set<string>();
  for (let at = 0; at + 3 <= padded.length; at++) grams.add(padded.slice(at, at + 3).toWellFormed());
  return grams;
}

/** With two neighbours swapped, which in short words may leave no part as it was. */
function* swapsOf(word: string): Generator<string> {
  for (let at = 0; at + 1 < word.length; at++)
    yield word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
}
