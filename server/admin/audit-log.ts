// The audit log: a topic of the log that belongs to no namespace, and a line of the process log for
// each change.
import * as z from 'zod';
import {
  type AuditBegun,
  type AuditControl,
  type AuditEntry,
  type AuditQuery,
  auditOutcomes,
} from '../../admin/audit-view.ts';
import type { Page } from '../../admin/page.ts';
import { TenfoldError } from '../../core/errors.ts';
import { AUDIT_TOPIC } from '../../core/names.ts';
import type { World } from '../../core/world.ts';
import type { EventLog, LogRecord } from '../../drivers/event-log/event-log.ts';

export interface AuditLine {
  readonly level: 'info' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface AuditLogOptions {
  readonly world: Pick<World, 'after'>;
  /** Undefined: the process has none, and only the lines tell. */
  readonly log: EventLog | undefined;
  tell(line: AuditLine): void;
}

/** A year. */
const RETENTION_MS = 365 * 86_400_000;
const RETENTION_BYTES = 1 << 30;
/** An operator acts also while the log is away. */
const WAIT_MS = 2_000;
/** The clocks of processes and of the log may differ by as much. */
const CLOCKS_MS = 600_000;
const STEP = 200;
/** One page looks through so many at most: a caller may see few of them. The next one goes on. */
const MOST_LOOKED_AT = 20_000;
/** A cursor stands in the head of a request: 75 bytes each, and a server takes 16 KiB. */
const MOST_PENDING = 100;
const STEP_BYTES = 4 << 20;

const begunFields = {
  id: z.string(),
  at: z.string(),
  action: z.string(),
  by: z.string(),
  from: z.string(),
  client: z.string().optional(),
};
const stored = z.union([
  z.object({
    ...begunFields,
    namespace: z.string().optional(),
    outcome: z.enum(auditOutcomes),
    asked: z.unknown().optional(),
    status: z.number().optional(),
    ms: z.number().optional(),
    taken: z.number().optional(),
    failed: z.number().optional(),
    operation: z.string().optional(),
    untold: z.number().optional(),
    /** It has no beginning. */
    alone: z.literal(true).optional(),
  }),
  z.object(begunFields),
]);

export function createAuditLog(options: AuditLogOptions): AuditControl {
  return new AuditLog(options);
}

class AuditLog implements AuditControl {
  readonly #options: AuditLogOptions;
  #made: Promise<void> | undefined;

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  async begun(entry: AuditBegun): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = this.#options.world.after(WAIT_MS, late.resolve);
    await Promise.race([this.#store(entry), late.promise]);
    timer.cancel();
  }

  ended(entry: AuditEntry): void {
    this.#tell(entry);
    void this.#store(entry);
  }

  happened(entry: AuditEntry): void {
    this.#tell(entry);
    void this.#store({ ...entry, alone: true });
  }

  async list({ limit, after, ...query }: AuditQuery): Promise<Page<AuditEntry>> {
    const { log } = this.#options;
    if (log === undefined) {
      throw new TenfoldError(
        'unsupported',
        'This process has no event log to keep an audit log in. Ask a worker, or see the lines "an operator acted" of its log.',
      );
    }
    const bounds = (await log.bounds(AUDIT_TOPIC))?.[0];
    if (bounds === undefined) return { items: [] };
    const from = after === undefined ? { below: bounds.end, ended: new Map<string, number>() } : toCursor(after);
    return new BackwardList(log, bounds.start, from).page(limit, query);
  }

  #tell({ id, ...fields }: AuditEntry): void {
    this.#options.tell({ level: 'info', message: 'an operator acted', fields: { ...fields, audit: id } });
  }

  /** Never rejects. */
  async #store(entry: AuditBegun | StoredEnd): Promise<void> {
    const { log, tell } = this.#options;
    if (log === undefined) return;
    try {
      this.#made ??= log.ensureTopic(AUDIT_TOPIC, {
        partitions: 1,
        retentionMs: RETENTION_MS,
        retentionBytes: RETENTION_BYTES,
      });
      await this.#made;
      await log.append(AUDIT_TOPIC, [{ key: null, value: Buffer.from(JSON.stringify(entry)), headers: {} }]);
    } catch (error) {
      this.#made = undefined;
      const fields = {
        reason: error instanceof Error ? error.message : String(error),
        audit: entry.id,
        action: entry.action,
      };
      tell({ level: 'error', message: 'an entry of the audit log could not be stored', fields });
    }
  }
}

type StoredEnd = AuditEntry & { readonly alone?: true };
type Wanted = Omit<AuditQuery, 'limit' | 'after'>;

interface Cursor {
  /** Nothing at or above it is to come. */
  below: number;
  /** Ids of those whose end has come, and whose beginning is still to come, with its time. */
  readonly ended: Map<string, number>;
}

/** Goes back through the log: the end of an action comes before its beginning. */
class BackwardList {
  readonly #log: EventLog;
  readonly #start: number;
  readonly #cursor: Cursor;

  constructor(log: EventLog, start: number, cursor: Cursor) {
    this.#log = log;
    this.#start = start;
    this.#cursor = cursor;
  }

  async page(limit: number, query: Wanted): Promise<Page<AuditEntry>> {
    const items: AuditEntry[] = [];
    const last = this.#cursor.below - MOST_LOOKED_AT;
    const oldest = (query.since ?? Number.NEGATIVE_INFINITY) - CLOCKS_MS;
    while (items.length < limit && this.#cursor.below > Math.max(this.#start, last)) {
      for (const record of (await this.#before()).toReversed()) {
        if (items.length === limit) break;
        // An action is written down after it began: nothing before this one began in time.
        if (record.timestamp < oldest) return { items };
        this.#cursor.below = record.offset;
        const entry = this.#take(record);
        if (entry !== undefined && isWanted(entry, query)) items.push(entry);
      }
    }
    return this.#cursor.below > this.#start ? { items, next: fromCursor(this.#cursor) } : { items };
  }

  /** The last records below the cursor. */
  async #before(): Promise<readonly LogRecord[]> {
    const { below } = this.#cursor;
    const from = Math.max(this.#start, below - STEP);
    const found: LogRecord[] = [];
    for (let next = from; next < below; ) {
      const batch = await this.#log.read(AUDIT_TOPIC, 0, next, { maxRecords: STEP, maxBytes: STEP_BYTES });
      if (batch.next <= next) break;
      found.push(...batch.records.filter(({ offset }) => offset < below));
      next = batch.next;
    }
    if (found.length === 0) this.#cursor.below = from;
    return found;
  }

  #take({ value, timestamp }: LogRecord): AuditEntry | undefined {
    // A beginning that could not be stored does not come any more.
    for (const [id, at] of this.#cursor.ended) if (timestamp < at - CLOCKS_MS) this.#cursor.ended.delete(id);
    const { data } = stored.safeParse(parse(value));
    // A later release wrote it.
    if (data === undefined) return undefined;
    if ('outcome' in data) {
      const { alone, ...entry } = data;
      if (alone === undefined) this.#cursor.ended.set(data.id, Date.parse(data.at));
      return entry;
    }
    return this.#cursor.ended.delete(data.id) ? undefined : { ...data, outcome: 'unknown' };
  }
}

/** The namespace of an old entry is not known. */
function isWanted({ namespace, by, action, outcome, at }: AuditEntry, wanted: Wanted): boolean {
  const { visible, since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = wanted;
  const began = Date.parse(at);
  return (
    (visible === undefined || (namespace !== undefined && visible(namespace))) &&
    mentions(by, wanted.by) &&
    mentions(action, wanted.action) &&
    (wanted.outcome === undefined || outcome === wanted.outcome) &&
    began >= since &&
    began < until
  );
}

function mentions(text: string, part = ''): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function parse(value: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(value).toString('utf8'));
  } catch {
    return undefined;
  }
}

const cursor = z.tuple([z.int().min(0), z.array(z.tuple([z.string().max(64), z.number()])).max(1000)]);

/**
 * The action that began last is left out first: going back, its beginning would have come by now.
 * If one that is left out comes after all, it is shown once more, as `unknown`.
 */
function fromCursor({ below, ended }: Cursor): string {
  const pending = [...ended].sort(([, one], [, other]) => one - other).slice(0, MOST_PENDING);
  return Buffer.from(JSON.stringify([below, pending])).toString('base64url');
}

function toCursor(after: string): Cursor {
  const { data } = cursor.safeParse(parse(Buffer.from(after, 'base64url')));
  if (data === undefined) throw new TenfoldError('bad-request', '"after" must be the "next" of an earlier answer.');
  return { below: data[0], ended: new Map(data[1]) };
}
