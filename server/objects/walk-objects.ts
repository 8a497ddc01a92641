// Goes through all objects of the blob store and through all that archives name, from where an
// earlier walk has come to.
import { type DamagedObject, MAX_DAMAGED, type ObjectOwner } from '../../admin/object-view.ts';
import type { World } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Store } from '../../drivers/store/store.ts';
import { archiveScopeOf } from '../../worker/archive/layout.ts';
import { filesOf, isNoted } from '../../worker/archive/manifest.ts';
import type { ReadableArchive } from '../../worker/archive/read-archive.ts';
import { ownerOf } from './owner-of.ts';
import { conditionOf, type Pace } from './read-object.ts';

export interface ObjectSite {
  readonly world: World;
  readonly log: EventLog;
  readonly store: Store;
  readonly blobs: BlobStore;
  /** The archives of the plan in force. */
  archives(): readonly { readonly pipeline: string; readonly archive: ReadableArchive }[];
}

export interface WalkStep {
  /** Behind all that has been read. */
  readonly after: string;
  readonly bytes: number;
  readonly damaged: DamagedObject | undefined;
  /** It was read, and has no checksum that shows whether it is as it was written. */
  readonly isUnknown: boolean;
}

const PAGE = 200;

/** All that is there, in the order of the keys. */
export async function* walkContents(
  { blobs, archives }: ObjectSite,
  from: string,
  pace: Pace,
  signal: AbortSignal,
): AsyncGenerator<WalkStep> {
  for (let after: string | undefined = from; after !== undefined; ) {
    const page: Awaited<ReturnType<BlobStore['list']>> = await blobs.list('', { limit: PAGE, after });
    for (const { key, size } of page.blobs) {
      signal.throwIfAborted();
      const found = await conditionOf(blobs, key, pace, signal);
      const damaged = found.is === 'damaged' ? await toDamaged(key, found.why) : undefined;
      yield { after: key, bytes: size, damaged, isUnknown: found.is === 'unknown' };
    }
    after = page.next;
  }

  async function toDamaged(key: string, reason: string): Promise<DamagedObject> {
    return { key, owner: ownerAt({ archives }, key), reason, at: await blobs.now() };
  }
}

/** Files that an archive has noted as whole, and that are missing or differ from the note. */
export async function* walkManifests(
  { log, store, blobs, archives }: ObjectSite,
  signal: AbortSignal,
): AsyncGenerator<DamagedObject> {
  for (const { archive } of archives()) {
    const { layout, topic } = archive;
    for (const partition of ((await log.bounds(topic)) ?? []).keys()) {
      const scope = archiveScopeOf(layout, partition);
      for await (const file of filesOf(store, scope)) {
        signal.throwIfAborted();
        const { key } = file;
        if ((await blobs.head(key)) !== undefined) continue;
        // Retention removes a file before it forgets it.
        if (!(await isNoted(store, scope, file))) continue;
        const reason = 'The file of the archive is missing in the blob store.';
        yield { key, owner: ownerAt({ archives }, key), reason, at: await blobs.now() };
      }
    }
  }
}

export function ownerAt({ archives }: Pick<ObjectSite, 'archives'>, key: string): ObjectOwner {
  return ownerOf(
    key,
    archives().map(({ pipeline, archive }) => ({ pipeline, layout: archive.layout })),
  );
}

/** Newest reason of each key; beyond `MAX_DAMAGED` they are only counted. */
export class Damages {
  readonly #found = new Map<string, DamagedObject>();
  #beyond = 0;

  constructor(found: readonly DamagedObject[] = [], beyond = 0) {
    for (const one of found) this.#found.set(one.key, one);
    this.#beyond = beyond;
  }

  /** Whether it was not known. */
  add(object: DamagedObject): boolean {
    const isNew = !this.#found.has(object.key);
    if (isNew && this.#found.size >= MAX_DAMAGED) {
      this.#beyond++;
      return false;
    }
    this.#found.set(object.key, object);
    return isNew;
  }

  remove(key: string): void {
    this.#found.delete(key);
  }

  /** Findings that no pass has made again since then are repaired, written anew or gone. */
  keepSince(at: number): void {
    for (const [key, object] of this.#found) if (object.at < at) this.#found.delete(key);
  }

  get list(): readonly DamagedObject[] {
    return [...this.#found.values()];
  }

  get beyond(): number {
    return this.#beyond;
  }

  get count(): number {
    return this.#found.size + this.#beyond;
  }
}
