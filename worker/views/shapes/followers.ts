// The followers of an author, as a View with a table has them. It asks the View once that has got
// as far as the events that were appended before.
import { TenfoldError } from '../../../core/errors.ts';
import type { ViewDirectory } from '../../../core/views/view-directory.ts';
import type { ViewGeneration } from '../../../core/views/view-generations.ts';
import { VIEW_ROWS, viewLayoutOf } from '../../../core/views/view-layout.ts';
import type { World } from '../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Folds } from '../../../drivers/store/store.ts';
import type { Tables } from '../../../drivers/store/tables.ts';
import { catchesUp } from '../generations/caught-up.ts';
import { parseValue } from './operation.ts';
import type { ShapeSources } from './view-shape.ts';

/** A View with a table of who follows whom. */
export interface FollowersSettings {
  readonly namespace: string;
  readonly view: string;
  /** Member of the rows with the followed author. */
  readonly index: string;
  /** Member of the rows with the follower. */
  readonly member: string;
}

export interface FollowersOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'bounds' | 'positions' | 'read'>;
  readonly store: Pick<Tables, 'scan'> & Pick<Folds, 'position'>;
  readonly views: Pick<ViewDirectory, 'serving'>;
  readonly settings: FollowersSettings;
  /** Ends waiting calls. */
  readonly signal: AbortSignal;
}

const PAGE = 1_000;
/** How long to wait for the other View before it is reported as a trouble. */
const WAIT_MS = 30_000;

export function createFollowers(options: FollowersOptions): ShapeSources['followers'] {
  const { world, store, views, settings } = options;
  const { namespace, view, index, member } = settings;
  /** The other View has all that was appended until then, by the clock of the log. */
  let known = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  const serving = async (): Promise<ViewGeneration> => {
    const found = await views.serving(namespace, view);
    if (found) return found;
    throw new TenfoldError('not-ready', `View ${view}, which says who follows whom, is still being built.`);
  };
  const look = async (timestamp: number) => {
    const now = world.now();
    await untilFolded(options, await serving());
    known = Math.max(known, now, timestamp);
  };
  const upTo = async ({ timestamp }: LogRecord) => {
    while (known < timestamp) {
      const before = looking;
      if (before) {
        await before.catch(() => undefined);
        continue;
      }
      looking = look(timestamp).finally(() => {
        looking = undefined;
      });
      await looking;
    }
  };

  return async (author, most, record) => {
    await upTo(record);
    const layout = viewLayoutOf(namespace, view, (await serving()).id);
    const found = new Set<string>();
    for (let partition = 0; partition < layout.partitions; partition++) {
      const scope = layout.scopeOf(partition);
      for (let after: string | undefined; ; ) {
        const page = await store.scan(scope, VIEW_ROWS, { index, prefix: [author], limit: PAGE, after });
        for (const { value } of page.rows) {
          const follower = textAt(parseValue(value), member);
          if (follower !== undefined) found.add(follower);
        }
        if (found.size > most) return undefined;
        after = page.next;
        if (after === undefined) break;
      }
    }
    return [...found];
  };
}

/**
 * Waits until all records that are in its topics now have been folded; `not-ready` when that takes
 * too long.
 */
async function untilFolded(options: FollowersOptions, { id, sources }: ViewGeneration): Promise<void> {
  const { settings, signal } = options;
  const { namespace, view } = settings;
  const other = { layout: viewLayoutOf(namespace, view, id), sources: sources.map(({ topic }) => topic) };
  if (await catchesUp(options, other, WAIT_MS, signal)) return;
  throw new TenfoldError('not-ready', `View ${view}, which says who follows whom, is far behind.`);
}

function textAt(row: unknown, member: string): string | undefined {
  if (typeof row !== 'object' || row === null || !Object.hasOwn(row, member)) return undefined;
  const value: unknown = Reflect.get(row, member);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
