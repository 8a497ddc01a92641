// What a kind of View does with events: what they do to which key, and the changes that makes.
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Change } from '../../drivers/store/changes.ts';
import type { Tables } from '../../drivers/store/tables.ts';
import type { Keyed } from '../fold/rekey.ts';

export interface ViewShape {
  /** In order. Throws what `isPoison` knows for an event of which nothing can be made. */
  project(record: LogRecord): readonly Keyed[];
  /** Of records that `project` has made. What it gives depends on these and on what the scope holds, only. */
  toChanges(records: readonly LogRecord[], scope: string, store: Pick<Tables, 'rows'>): Promise<readonly Change[]>;
}
