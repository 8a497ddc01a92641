// Reads an archive as it is at one moment: the whole files, and the events behind them that are in
// no file yet; each event once.
import { TenfoldError } from '../../core/errors.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Store } from '../../drivers/store/store.ts';
import { Seen } from '../fold/seen.ts';
import { SeenApart } from '../fold/seen-apart.ts';
import type { ArchiveRow } from './archive-event.ts';
import { ARCHIVE_CONSUMER, type ArchiveLayout, archiveScopeOf, folderOfRow } from './layout.ts';
import { type ArchiveFile, filesOf } from './manifest.ts';
import { type ReadRange, type RowMaker, readGroups } from './read-range.ts';

/** The readable side of an archive, whichever process writes it. */
export interface ReadableArchive extends RowMaker {
  readonly layout: ArchiveLayout;
  /** Topic in the log. */
  readonly topic: string;
  readonly marked: boolean;
  /** True where marks of one source may come in another order. */
  readonly unordered?: boolean;
}

export interface ReadArchiveOptions {
  readonly log: Pick<EventLog, 'read' | 'bounds'>;
  readonly store: Pick<Store, 'position' | 'scan'>;
  readonly archive: ReadableArchive;
  /** Folders from this on and up to that, inclusive: `date=2026-11-25`. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly signal: AbortSignal;
}

export interface SnapshotFile extends ArchiveFile {
  readonly partition: number;
}

export interface ArchiveSnapshot {
  readonly files: readonly SnapshotFile[];
  /** The rows can be read once. */
  tail(): AsyncGenerator<readonly ArchiveRow[]>;
}

/** Between two readings an owner may have moved on, seldom more than once. */
const ATTEMPTS = 20;

export async function readArchive(options: ReadArchiveOptions): Promise<ArchiveSnapshot> {
  const { log, store, archive, signal } = options;
  const { layout, topic } = archive;
  const files: SnapshotFile[] = [];
  const tails: ReadRange[] = [];
  for (const [partition, { start, end }] of ((await log.bounds(topic)) ?? []).entries()) {
    const scope = archiveScopeOf(layout, partition);
    const { position, seen } = await readState(store, scope, partition, archive);
    const from = Math.max(position ?? start, start);
    for await (const file of filesOf(store, scope)) {
      // A file that was finished since: its events are in the tail.
      if (file.from >= (position ?? 0)) continue;
      if (isWithin(file.folder, options)) files.push({ ...file, partition });
    }
    tails.push({ log, topic, partition, from, to: end, seen, make: archive, signal });
  }
  const wanted = (row: ArchiveRow) => isWithin(folderOfRow(row, layout.partitionBy), options);
  return {
    files,
    async *tail() {
      for (const range of tails) if (range.from < range.to) yield* readGroups(range, wanted);
    },
  };
}

/** The position, and the marks that were seen at that position. */
async function readState(
  store: ReadArchiveOptions['store'],
  scope: string,
  partition: number,
  archive: Pick<ReadableArchive, 'marked' | 'unordered'>,
) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const position = await store.position(scope, ARCHIVE_CONSUMER, partition);
    const seen = archive.marked ? await (archive.unordered ? SeenApart : Seen).load(store, scope) : undefined;
    if (seen === undefined || seen.noted(ARCHIVE_CONSUMER) === position) return { position, seen };
  }
  throw new TenfoldError('store-unavailable', `${scope}: the position does not stand still. Try again in a moment.`);
}

/** Folders of hours sort behind that of their day. */
function isWithin(folder: string, { since, until }: Pick<ReadArchiveOptions, 'since' | 'until'>): boolean {
  const day = folder.split('/')[0] ?? '';
  return (since === undefined || day >= since) && (until === undefined || day <= until);
}
