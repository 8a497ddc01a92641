// Makes a damaged or missing file of an archive anew from the log. It puts the file in place only
// when it is sure to have the same content.

import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Store } from '../../drivers/store/store.ts';
import { clockOf } from '../fold/clock-record.ts';
import { Seen } from '../fold/seen.ts';
import { SeenApart } from '../fold/seen-apart.ts';
import type { ArchiveRow } from './archive-event.ts';
import { archiveScopeOf, type FileName, folderOfRow } from './layout.ts';
import { type ArchiveFile, filesOf, noteFile } from './manifest.ts';
import type { ReadableArchive } from './read-archive.ts';
import { isNew, readGroups } from './read-range.ts';
import { encodeFile } from './write-range.ts';

export interface RemakeOptions {
  readonly log: Pick<EventLog, 'read' | 'bounds'>;
  readonly store: Pick<Store, 'apply' | 'scan'>;
  readonly blobs: BlobStore;
  readonly archive: ReadableArchive;
  readonly key: string;
  readonly name: FileName;
  /** Reports only whether the log still has the records. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

export interface Remade {
  readonly is: 'made' | 'possible' | 'lost';
  readonly message: string;
}

const LIMITS = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024 };

export async function remakeFile(options: RemakeOptions): Promise<Remade> {
  const { log, store, blobs, archive, key, name, dryRun, signal } = options;
  const { layout, topic } = archive;
  const { partition } = name;
  const scope = archiveScopeOf(layout, partition);
  const file = await findFile(store, scope, key);
  if (file === undefined) return await dropUnfinished(blobs, key, dryRun);
  if (name.definition !== layout.definition)
    return lost(file, 'the archive was defined otherwise when it was written, and its files would be others today');
  const start = (await log.bounds(topic))?.[partition]?.start;
  if (start === undefined) return lost(file, `the log has no topic ${topic} any more`);
  if (start > file.from) return lost(file, `the log begins at event ${start} by now`);
  if (dryRun) return { is: 'possible', message: `It can be made anew from ${file.to - file.from} records of the log.` };
  const aside = `${layout.root}_repair/${key.slice(key.lastIndexOf('/') + 1)}`;
  const seen = archive.marked ? await seenBefore(options, start, file.from) : undefined;
  const range = { log, topic, partition, from: file.from, to: file.to, seen, make: archive, signal };
  const wanted = (row: ArchiveRow) => folderOfRow(row, layout.partitionBy) === file.folder;
  const encoded = await encodeFile(layout, readGroups(range, wanted));
  try {
    const { blob } = await blobs.put(aside, encoded.body, { contentType: encoded.contentType, signal });
    const isSame = blob?.etag === file.etag && blob.size === file.bytes;
    // Repeated records are known for sure only where nothing of the topic is gone.
    if (!isSame && archive.marked && start > 0)
      return lost(file, 'what the log has gives another file, and it begins too late to show which records came twice');
    const made = await blobs.get(aside);
    if (made === undefined) return lost(file, 'the new file was removed while it was put in place');
    const put = await blobs.put(key, made.body, { contentType: encoded.contentType, signal });
    if (!isSame && put.blob)
      await store.apply(scope, [noteFile({ ...file, etag: put.blob.etag, bytes: put.blob.size })]);
    return {
      is: 'made',
      message: isSame ? 'It was made anew from the log, byte for byte.' : 'It was made anew from the log.',
    };
  } finally {
    await blobs.delete(aside);
  }
}

async function findFile(store: Pick<Store, 'scan'>, scope: string, key: string): Promise<ArchiveFile | undefined> {
  for await (const file of filesOf(store, scope)) if (file.key === key) return file;
  return undefined;
}

/** A file of a range that was never finished, or whose events were removed. No reader uses it. */
async function dropUnfinished(blobs: BlobStore, key: string, dryRun: boolean): Promise<Remade> {
  if (!dryRun) await blobs.delete(key);
  const done = dryRun ? 'It would be removed' : 'It was removed';
  return {
    is: dryRun ? 'possible' : 'made',
    message: `${done}: it is not in force, and the Pipeline writes it itself when it is needed.`,
  };
}

/** The records that had come when the range began, as far back as the log goes. */
async function seenBefore({ log, archive, name, signal }: RemakeOptions, start: number, to: number) {
  const seen = archive.unordered ? new SeenApart() : new Seen();
  for (let at = start; at < to; ) {
    const { records, next } = await log.read(archive.topic, name.partition, at, LIMITS);
    signal.throwIfAborted();
    for (const record of records) {
      if (record.offset >= to) return seen;
      const clock = clockOf(record);
      if (clock === undefined) isNew(record, seen);
      else if (seen instanceof SeenApart) seen.settle(clock.feeder, clock.source, clock.upTo);
    }
    if (next <= at) return seen;
    at = next;
  }
  return seen;
}

function lost({ from, to }: ArchiveFile, why: string): Remade {
  return { is: 'lost', message: `Its events (offsets ${from} to ${to - 1}) are lost to the archive: ${why}.` };
}
