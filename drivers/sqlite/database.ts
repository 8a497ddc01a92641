// The database file as the serving thread sees it: requests of modules go to threads and come back;
// nothing here touches the disk.
import type { Code } from '../../core/errors.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';

/** A request on its way to a module's handler in another thread. */
export interface DatabaseRequest {
  /** Called when the request leaves, which may be much later than when it was made. */
  pack(out: ByteWriter): void;
  /** Gets the handler's answer. After a write, all that it wrote is durable. */
  done(reply: ByteReader): void;
  /**
   * `TenfoldError` by the handler, or the client's `unavailable` code:
   * nothing is known of the outcome.
   */
  failed(error: unknown): void;
}

/** The interface that a module's driver uses. */
export interface DatabaseClient {
  /**
   * Joins the next commit. `bytes`: how much memory it holds until it is settled; refused as
   * `overloaded` when that is too much.
   */
  write<T>(bytes: number, pack: (out: ByteWriter) => void, unpack: (reply: ByteReader) => T): Promise<T>;
  /** The same for one that counts its memory itself (`budget`) and is told instead of resolved. */
  enqueue(request: DatabaseRequest): void;
  /**
   * Reads what is committed. `long` ones (a search, a scan) have a thread of their
   * own and hold up no others.
   */
  read<T>(pack: (out: ByteWriter) => void, unpack: (reply: ByteReader) => T, long?: boolean): Promise<T>;
  readonly budget: MemoryBudget;
}

/** Memory that requests may hold while they wait. */
export interface MemoryBudget {
  readonly maxBytes: number;
  /** Takes it, or refuses with `overloaded`: nothing has happened. */
  take(bytes: number): void;
  give(bytes: number): void;
}

export interface DatabaseHealth {
  readonly ok: boolean;
  readonly reason?: string;
}

/** How often reading or writing the disk has failed since the start. */
export interface DiskTroubles {
  readonly count: number;
  /** The newest one, for people. */
  readonly reason: string;
}

export interface Database {
  readonly file: string;
  troubles(): DiskTroubles;
  /** For drivers that store files beside the database. */
  noteTrouble(reason: string): void;
  /** `unavailable`: the code of errors of which the outcome is not known. */
  client(module: string, unavailable: Code): DatabaseClient;
  /**
   * Called when outcomes that were reported as unknown are decided: what was remembered of the file
   * may be wrong and is to be read again.
   */
  onRecovered(run: () => void): void;
  /** After a failed commit it tries another one. */
  health(): Promise<DatabaseHealth>;
  /** Writes what was asked for before, then ends all threads and lets go of the file. */
  close(): Promise<void>;
}
