// The requests that the search index sends to its tables.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import type { DatabaseClient } from '../../sqlite/database.ts';
import type { ChangeOutcome, DocumentChange } from '../search-index.ts';
import { CHANGE_KIND, OUTCOME, packList, SEARCH_READ, SEARCH_WRITE, unpackFound, unpackList } from './wire.ts';

interface AliasedIndex {
  readonly name: string;
  readonly aliases: readonly string[];
}

interface StoredDocument {
  readonly version: number;
  /** JSON. */
  readonly text: string;
}

type Pack = (out: ByteWriter) => void;
type Unpack<T> = (reply: ByteReader) => T;

/** Rows that one request removes at most, so that no commit waits long for it. */
const SLICE = 200;
const OVERHEAD = 256;

export class SearchRequests {
  readonly #client: DatabaseClient;
  readonly #world: World;

  constructor(client: DatabaseClient, world: World) {
    this.#client = client;
    this.#world = world;
  }

  /** `settings`: JSON. */
  ensure(name: string, settings: string): Promise<void> {
    const pack = (out: ByteWriter) => {
      out.text(name);
      out.text(settings);
    };
    return this.#write(SEARCH_WRITE.ensure, settings.length, pack, nothing);
  }

  drop(name: string): Promise<void> {
    return this.#write(SEARCH_WRITE.drop, 0, out => out.text(name), nothing);
  }

  indexes(prefix: string): Promise<readonly AliasedIndex[]> {
    return this.#ask(SEARCH_READ.indexes, out => out.text(prefix), unpackIndexes);
  }

  point(aliases: readonly (readonly [alias: string, index: string | undefined])[]): Promise<void> {
    const pack = (out: ByteWriter) =>
      packList(out, aliases, ([alias, index]) => {
        out.text(alias);
        out.text(index ?? null);
      });
    return this.#write(SEARCH_WRITE.point, aliases.length * 64, pack, nothing);
  }

  /** `documents`: JSON of each change that writes one; `bytes`: of all of them. */
  change(
    index: string,
    changes: readonly DocumentChange[],
    documents: readonly (string | undefined)[],
    bytes: number,
  ): Promise<ChangeOutcome[]> {
    const pack = (out: ByteWriter) => {
      out.text(index);
      out.u32(changes.length);
      for (const [at, change] of changes.entries()) packChange(out, change, documents[at]);
    };
    return this.#write(SEARCH_WRITE.change, bytes, pack, reply => changes.map(() => unpackOutcome(reply)));
  }

  search(name: string, query: unknown): Promise<ReturnType<typeof unpackFound>> {
    const pack = (out: ByteWriter) => {
      out.text(name);
      out.json(query);
    };
    return this.#ask(SEARCH_READ.search, pack, unpackFound);
  }

  suggest(name: string, field: string, text: string, limit: number): Promise<readonly string[]> {
    const pack = (out: ByteWriter) => {
      for (const part of [name, field, text]) out.text(part);
      out.u32(limit);
    };
    return this.#ask(SEARCH_READ.suggest, pack, unpackTexts);
  }

  document(name: string, id: string): Promise<StoredDocument | undefined> {
    const pack = (out: ByteWriter) => {
      out.text(name);
      out.text(id);
    };
    return this.#client.read(this.#begin(SEARCH_READ.document, pack), unpackDocument);
  }

  /** When the next document expires; undefined: none will. */
  async nextExpiry(): Promise<number | undefined> {
    const next = await this.#ask(SEARCH_READ.upkeep, nothing, reply => reply.f64());
    return Number.isNaN(next) ? undefined : next;
  }

  /** Removes a slice of what is over; whether there may be more. */
  async sweep(): Promise<boolean> {
    return (await this.#slice(SEARCH_WRITE.empty)) || (await this.#slice(SEARCH_WRITE.sweep));
  }

  #slice(operation: number): Promise<boolean> {
    return this.#write(
      operation,
      0,
      out => out.u32(SLICE),
      reply => reply.u8() === 1,
    );
  }

  #write<T>(operation: number, bytes: number, pack: Pack, unpack: Unpack<T>): Promise<T> {
    return this.#client.write(bytes + OVERHEAD, this.#begin(operation, pack), unpack);
  }

  /** Questions go to a thread of their own, as they may take long. */
  #ask<T>(operation: number, pack: Pack, unpack: Unpack<T>): Promise<T> {
    return this.#client.read(this.#begin(operation, pack), unpack, true);
  }

  #begin(operation: number, pack: Pack): Pack {
    return out => {
      out.u8(operation);
      out.f64(this.#world.now());
      pack(out);
    };
  }
}

function nothing(): void {}

function packChange(out: ByteWriter, change: DocumentChange, document: string | undefined): void {
  out.u8(CHANGE_KIND[change.kind]);
  out.text(change.id);
  out.f64(change.version);
  if (change.kind === 'delete') return;
  out.f64(change.ttlMs ?? Number.NaN);
  out.text(document ?? '{}');
}

function unpackOutcome(reply: ByteReader): ChangeOutcome {
  const kind = reply.u8();
  if (kind === OUTCOME.refused) return { kind: 'refused', reason: reply.text() };
  if (kind !== OUTCOME.written && kind !== OUTCOME.outdated) throw new TenfoldError('internal', `no outcome ${kind}`);
  return { kind: kind === OUTCOME.written ? 'written' : 'outdated' };
}

function unpackTexts(reply: ByteReader): readonly string[] {
  return unpackList(reply, () => reply.text());
}

function unpackIndexes(reply: ByteReader): readonly AliasedIndex[] {
  return unpackList(reply, () => ({ name: reply.text(), aliases: unpackTexts(reply) }));
}

function unpackDocument(reply: ByteReader): StoredDocument | undefined {
  if (reply.u8() === 0) return undefined;
  return { version: reply.f64(), text: reply.text() };
}
