// What a kind of View does with events: what they do to which key, and the changes that makes.
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { ChangeOutcome, DocumentChange } from '../../drivers/search-index/search-index.ts';
import type { IndexSettingsInput } from '../../drivers/search-index/settings.ts';
import type { Change } from '../../drivers/store/changes.ts';
import type { Tables } from '../../drivers/store/tables.ts';
import type { Keyed } from '../fold/rekey.ts';

/** What a shape may read, and where it keeps what no store does. */
export interface ShapeStore extends Pick<Tables, 'rows'> {
  /** Milliseconds since 1970. For leaving out at once what the upkeep would take away anyway. */
  now(): number;
  /** Of a View that is searched: its documents. */
  changeDocuments(changes: readonly DocumentChange[]): Promise<readonly ChangeOutcome[]>;
}

/** What time alone changes in a shape. */
export interface ShapeUpkeep {
  readonly everyMs: number;
  /** `now`: milliseconds since 1970. At most a few thousand; asked again until there are none. */
  toChanges(scope: string, store: Pick<Tables, 'scan'>, now: number): Promise<readonly Change[]>;
}

/** What `project` may ask beside the event. */
export interface ShapeSources {
  /**
   * All who follow the author, as far as that was known when the record was appended; undefined when they are more than `most`. Only of a View whose
   * feeds are those of followers.
   */
  followers(author: string, most: number, record: LogRecord): Promise<readonly string[] | undefined>;
}

export interface ViewShape {
  /** Of a View that is searched: how. */
  readonly index?: IndexSettingsInput | undefined;
  readonly upkeep?: ShapeUpkeep | undefined;
  /** In order. Throws what `isPoison` knows for an event of which nothing can be made. */
  project(record: LogRecord, sources: ShapeSources): readonly Keyed[] | Promise<readonly Keyed[]>;
  /** Of records that `project` has made. What it gives depends on these and on what the scope holds, only. */
  toChanges(records: readonly LogRecord[], scope: string, store: ShapeStore): Promise<readonly Change[]>;
}

/** A shape whose events say all by themselves. */
export interface PlainShape extends ViewShape {
  project(record: LogRecord): readonly Keyed[];
}
