// The shape of a View: the operations of an event on keys, and the changes that these make.
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { ChangeOutcome, DocumentChange } from '../../../drivers/search-index/search-index.ts';
import type { IndexSettingsInput } from '../../../drivers/search-index/settings.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Tables } from '../../../drivers/store/tables.ts';
import type { Keyed } from '../../fold/rekey.ts';

/** The data that a shape may read, and the place of data that no store has. */
export interface ShapeStore extends Pick<Tables, 'rows'> {
  /** Milliseconds since 1970, for leaving out at once what the upkeep would take away anyway. */
  now(): number;
  /** Changes the documents of a View that is searched. */
  changeDocuments(changes: readonly DocumentChange[]): Promise<readonly ChangeOutcome[]>;
}

/** The changes that time alone makes in a shape. */
export interface ShapeUpkeep {
  readonly everyMs: number;
  /**
   * `now`: milliseconds since 1970. Returns at most a few thousand; asked again until there are
   * none.
   */
  toChanges(scope: string, store: Pick<Tables, 'scan'>, now: number): Promise<readonly Change[]>;
}

/** The sources that `project` may ask beside the event. */
export interface ShapeSources {
  /**
   * All followers of the author, as known when the record was appended; undefined when they are
   * more than `most`. Only of a View with feeds of followers.
   */
  followers(author: string, most: number, record: LogRecord): Promise<readonly string[] | undefined>;
}

export interface ViewShape {
  /** The index settings of a View that is searched. */
  readonly index?: IndexSettingsInput | undefined;
  readonly upkeep?: ShapeUpkeep | undefined;
  /** Returns operations in order. Throws errors of `isPoison` for an unusable event. */
  project(record: LogRecord, sources: ShapeSources): readonly Keyed[] | Promise<readonly Keyed[]>;
  /**
   * Turns records of `project` into changes. The result depends on the records and on the scope
   * only.
   */
  toChanges(records: readonly LogRecord[], scope: string, store: ShapeStore): Promise<readonly Change[]>;
}

/** A shape whose events need no other source. */
export interface PlainShape extends ViewShape {
  project(record: LogRecord): readonly Keyed[];
}
