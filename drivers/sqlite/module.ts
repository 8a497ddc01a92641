// The parts of a module of the database (the log, the store, the search index): its tables, and
// code that runs beside SQLite in a thread.
import type { DatabaseSync } from 'node:sqlite';
import type { ByteReader, ByteWriter } from './bytes.ts';

export interface SqliteModule {
  /** Unique in the file; its tables begin with it. */
  readonly name: string;
  /**
   * SQL scripts; the number of those applied is the module's schema version. One that
   * was released never changes.
   */
  readonly migrations: readonly string[];
  /** Tables that stay small: their pages are checked whenever the file is opened. */
  readonly smallTables: readonly string[];
  /** In the one thread that writes. Called again after the thread has been replaced. */
  openWriter(context: ModuleContext): ModuleWriter;
  /** In a thread that only reads. */
  openReader(context: ModuleContext): ModuleReader;
  /**
   * Copies what it keeps in files beside the database, for all that the copy `db` names.
   * Synchronous; `pace` sleeps.
   */
  copyBeside?(db: DatabaseSync, from: string, to: string, pace: (bytes: number) => void): Iterable<CopiedBeside>;
  /** Without one `doctor.ts` looks at the module's tables row by row. */
  readonly doctor?: ModuleDoctor;
}

export interface CopiedBeside {
  readonly bytes: number;
  /** Damage of the original. */
  readonly problem: string | undefined;
}

/** Looks at what a damaged file still holds; must not throw for what it finds there. */
export interface ModuleDoctor {
  /**
   * With `to` (an empty database with the same schema) what is sound goes there, in a
   * transaction of the caller.
   */
  examine(from: DatabaseSync, to: DatabaseSync | undefined): Iterable<PartReport>;
}

export interface PartReport {
  /** For example a partition of a topic, or a table. */
  readonly part: string;
  /** Entries that are sound. */
  readonly sound: number;
  /** Damaged or missing parts. */
  readonly problems: readonly string[];
}

export interface ModuleContext {
  readonly db: DatabaseSync;
  /** Path of the database, for messages. */
  readonly file: string;
}

/**
 * Everything is synchronous. A `TenfoldError` refuses one request and undoes what that request
 * wrote; its neighbours in the commit stay.
 */
export interface ModuleWriter {
  /**
   * Runs inside a transaction that other requests share; what it answers is
   * sent once that is on disk.
   */
  write(request: ByteReader, reply: ByteWriter): void;
  /** Something that was written is undone: memory of it must go. */
  rolledBack(): void;
}

export interface ModuleReader {
  /**
   * Sees everything that was answered before the request was made, and
   * nothing that changes meanwhile.
   */
  read(request: ByteReader, reply: ByteWriter): void;
}
