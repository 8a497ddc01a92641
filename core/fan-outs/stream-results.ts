// The results of a job as a stream of lines, in the order of its items: so many that they
// never fit into memory at once.
import { decodeFailedRow } from './job.ts';
import { FAILED_TABLE, RESULTS_TABLE } from './layout.ts';
import { decodeResult, indexOfKey, toFailedText, toItemText } from './result-text.ts';

export interface KeptRow {
  readonly key: string;
  readonly value: Uint8Array;
}

/** The part of the ports to state and objects that this file needs. */
export interface ResultSources {
  readonly store: {
    scan(
      scope: string,
      table: string,
      scan: { readonly prefix: readonly string[]; readonly limit: number; readonly after: string | undefined },
    ): Promise<{ readonly rows: readonly KeptRow[]; readonly next: string | undefined }>;
  };
  readonly blobs: { get(key: string): Promise<{ readonly body: AsyncIterable<Uint8Array> } | undefined> } | undefined;
}

interface Entry {
  readonly index: number;
  text(): Promise<string>;
}

const PAGE = 500;

/**
 * Lines without their ends. `reopened`: of the job; what had failed before is left out,
 * since it is being tried again.
 */
export async function* streamResults(
  site: ResultSources,
  scope: string,
  nonce: string,
  reopened: number,
): AsyncGenerator<string> {
  const done = entriesOf(site, scope, RESULTS_TABLE, nonce, row => resultOf(site, row));
  const failed = entriesOf(site, scope, FAILED_TABLE, nonce, row => failureOf(row, reopened));
  try {
    let [one, other] = [await done.next(), await failed.next()];
    while (!one.done || !other.done) {
      if (!one.done && (other.done || one.value.index <= other.value.index)) {
        // An item that failed before it succeeded has succeeded.
        if (!other.done && other.value.index === one.value.index) other = await failed.next();
        yield await one.value.text();
        one = await done.next();
      } else if (!other.done) {
        yield await other.value.text();
        other = await failed.next();
      }
    }
  } finally {
    await done.return(undefined);
    await failed.return(undefined);
  }
}

async function* entriesOf(
  { store }: ResultSources,
  scope: string,
  table: string,
  nonce: string,
  toEntry: (row: KeptRow) => Entry | undefined,
): AsyncGenerator<Entry> {
  for (let after: string | undefined; ; ) {
    const page = await store.scan(scope, table, { prefix: [`${nonce}/`], limit: PAGE, after });
    for (const row of page.rows) {
      const entry = toEntry(row);
      if (entry) yield entry;
    }
    after = page.next;
    if (after === undefined) return;
  }
}

function resultOf({ blobs }: ResultSources, row: KeptRow): Entry | undefined {
  const result = decodeResult(row);
  if (result === undefined) return undefined;
  const index = indexOfKey(row.key);
  const { head, body } = result;
  return {
    index,
    async text() {
      if (head.blob === undefined || blobs === undefined) return toItemText(index, head, body);
      const open = await blobs.get(head.blob);
      const chunks: Uint8Array[] = [];
      if (open) for await (const chunk of open.body) chunks.push(chunk);
      return toItemText(index, head, Buffer.concat(chunks));
    },
  };
}

function failureOf(row: KeptRow, reopened: number): Entry | undefined {
  const failed = decodeFailedRow(row);
  if (failed.generation < reopened) return undefined;
  const index = indexOfKey(row.key);
  return { index, text: async () => toFailedText(index, failed) };
}
