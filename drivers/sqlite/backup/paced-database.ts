// A connection whose reader is held back: after each row that a statement gives, it calls the pace
// of the back-up. So all that examines a database is paced, and knows nothing of it.
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** `pace` is called with the bytes of each row. */
export class PacedDatabase extends DatabaseSync {
  readonly #pace: (bytes: number) => void;

  constructor(file: string, pace: (bytes: number) => void) {
    super(file);
    this.#pace = pace;
  }

  override prepare(sql: string): StatementSync {
    const pace = this.#pace;
    return new Proxy(super.prepare(sql), {
      get(statement, name) {
        const member: unknown = Reflect.get(statement, name);
        if (typeof member !== 'function') return member;
        return (...values: readonly unknown[]): unknown => {
          const given: unknown = Reflect.apply(member, statement, values);
          if (isRows(given)) return pacedRows(given, pace);
          pace(bytesOf(given));
          return given;
        };
      },
    });
  }
}

function isRows(given: unknown): given is Iterable<unknown> {
  return typeof given === 'object' && given !== null && !Array.isArray(given) && Symbol.iterator in given;
}

function* pacedRows(rows: Iterable<unknown>, pace: (bytes: number) => void): Generator<unknown> {
  for (const row of rows) {
    yield row;
    pace(bytesOf(row));
  }
}

/** Numbers count for nothing: texts and blobs make the size of a row. */
function bytesOf(row: unknown): number {
  if (typeof row !== 'object' || row === null) return 0;
  if (Array.isArray(row)) return row.reduce<number>((sum, each) => sum + bytesOf(each), 0);
  let bytes = 0;
  for (const value of Object.values(row)) {
    if (value instanceof Uint8Array) bytes += value.byteLength;
    else if (typeof value === 'string') bytes += value.length;
  }
  return bytes;
}
