// Finds in the audit log who paused a consumer, decided about a dead letter or a parked event, or
// cancelled or redrove a job.
// Nothing is told that the log does not say for certain.
import type { AuditControl, AuditEntry } from '../../../admin/audit-view.ts';
import type { OperationControl } from '../../../admin/commands/operation-view.ts';
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { JobStory, StoryDeed, StoryJobName } from '../../../admin/story-view.ts';
import { unlessAborted } from '../../../core/unless-aborted.ts';
import type { World } from '../../../core/world.ts';
import { CLOCKS_DIFFER_MS } from './log-scan.ts';

export interface DeedSources {
  readonly world: Pick<World, 'after' | 'monotonic'>;
  readonly audit: Pick<AuditControl, 'list'>;
  operations(): Pick<OperationControl, 'items'>;
}

export interface Deeds {
  /** `signal`: of who asks for the story. */
  ofStory(signal: AbortSignal): StoryDeeds;
}

/** What was found, or a sentence that says why the search has stopped before. */
export interface FoundDeed {
  readonly deed?: StoryDeed;
  readonly note?: string;
}

/** When a person may have asked for it, milliseconds since 1970. */
export interface DeedTimes {
  readonly from: number;
  readonly until: number;
}

/** All questions of one story share one walk through the audit log, and its limits. */
export interface StoryDeeds {
  /** The newest pause by command. */
  pauseOf(consumer: ConsumerName): Promise<FoundDeed>;
  /** The newest that names the event. To redrive it with other data is a redrive, too. */
  decisionOf(action: StoryDeed['action'], consumer: ConsumerName, id: string, times: DeedTimes): Promise<FoundDeed>;
  /** The newest that is about the whole job. */
  ofJob(action: 'cancel' | 'redrive', of: StoryJobName, id: string, times: DeedTimes): Promise<FoundDeed>;
}

export interface DeedsJob {
  readonly of: StoryJobName;
  readonly id: string;
  /** RFC 3339: when it was accepted, and when it ended. */
  readonly since: string;
  readonly until: string | undefined;
}

type JobDeeds = Pick<JobStory, 'cancelledBy' | 'redrivenBy' | 'note'>;

const FIELDS = { cancel: 'cancelledBy', redrive: 'redrivenBy' } as const;

/** The cancellation of a job, and the newest redrive of it as a whole. */
export async function deedsOfJob(
  { of, id, since, until }: DeedsJob,
  actions: readonly (keyof typeof FIELDS)[],
  walk: StoryDeeds | undefined,
): Promise<JobDeeds> {
  let said: JobDeeds = {};
  for (const action of actions) {
    const end = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
    const { deed, note } = (await walk?.ofJob(action, of, id, { from: Date.parse(since), until: end })) ?? {};
    said = { ...said, ...(deed && { [FIELDS[action]]: deed }), ...(note === undefined ? {} : { note }) };
  }
  return said;
}

/** One walk for all parts of a story. */
export function sharedDeeds(deeds: Deeds | undefined, signal: AbortSignal): Deeds | undefined {
  const walk = deeds?.ofStory(signal);
  return walk && { ofStory: () => walk };
}

const PAGE = 1_000;
/** A story looks through so many pages of the audit log, or of the items of an operation. */
const MOST_PAGES = 20;
/** A story looks for deeds for so long, all its consumers together. */
const MOST_MS = 3_000;
/** The log has a command where it ended. That is no later than so long after it was asked for. */
const COMMAND_MS = 600_000;
const LATE = Symbol('late');
const NOT_FOUND: FoundDeed = {
  note: 'The story does not say who did it: the audit log is too long to look through in time. "tenfold audit" lists it.',
};
const UNREAD: FoundDeed = {
  note: 'The story does not say who did it: the audit log cannot be read at the moment. Ask again.',
};
const UNCLEAR: FoundDeed = {
  note: 'The story does not say who did it: the audit log has a command or an operation that may have, and not what it was about. "tenfold audit" lists it.',
};
const COMMANDS: ReadonlySet<string> = new Set(['POST /api/dead-letters/commands', 'POST /api/parked/commands']);
const DECISIONS: readonly StoryDeed['action'][] = ['redrive', 'edit', 'skip', 'purge', 'give-up'];
const OPERATION = /^operation (\S+): (\S+) (\S+)$/;

export function createDeeds(sources: DeedSources): Deeds {
  return { ofStory: signal => new AuditWalk(sources, signal) };
}

interface WalkedPage {
  /** Entries that were not refused. */
  readonly entries: readonly AuditEntry[];
  /** When the oldest of its commands was asked for. */
  readonly oldest: number;
}

/**
 * `unclear`: nobody can say any more whether it was this one. An older deed may not be the newest
 * then, so the story names nobody.
 */
type Judgement = StoryDeed | 'unclear' | undefined;

/** Goes back through the audit log as far as the questions need, and keeps what it has read. */
class AuditWalk implements StoryDeeds {
  readonly #sources: DeedSources;
  readonly #signal: AbortSignal;
  readonly #pages: WalkedPage[] = [];
  #next: string | undefined;
  #leftMs = MOST_MS;

  constructor(sources: DeedSources, signal: AbortSignal) {
    this.#sources = sources;
    this.#signal = signal;
  }

  pauseOf({ kind, namespace, name }: ConsumerName): Promise<FoundDeed> {
    const action = `POST /api/consumers/${kind}/${namespace}/${name}/pause`;
    return this.#newest(0, async entry => (entry.action === action ? ifDone('pause', entry) : undefined));
  }

  decisionOf(action: StoryDeed['action'], consumer: ConsumerName, id: string, times: DeedTimes): Promise<FoundDeed> {
    const { namespace, kind, name } = consumer;
    const isMeant = (verb: unknown) => verb === action || (action === 'redrive' && verb === 'edit');
    return this.#newest(times.from, async (entry, signal) => {
      if (!isWithin(entry, times) || entry.namespace !== namespace) return undefined;
      if (COMMANDS.has(entry.action)) {
        const { verb, ids } = commandOf(entry, consumer) ?? {};
        if (verb === undefined || (verb !== 'unread' && !isMeant(verb))) return undefined;
        if (verb === 'unread' || ids === undefined) return 'unclear';
        if (!ids.includes(id)) return undefined;
        // The log does not say which of several it could not take.
        return entry.failed && ids.length > 1 ? 'unclear' : ifDone(verb, entry);
      }
      const of = `${kind.toLowerCase()}/${name}`;
      return this.#byOperation(
        entry,
        does => (isMeant(does) ? (does as StoryDeed['action']) : undefined),
        of,
        id,
        signal,
      );
    });
  }

  ofJob(action: 'cancel' | 'redrive', job: StoryJobName, id: string, times: DeedTimes): Promise<FoundDeed> {
    const { kind, namespace, name } = job;
    const path = `/api/${kind === 'Queue' ? 'jobs' : 'fan-outs/jobs'}/${namespace}/${name}/${id}`;
    const command = action === 'cancel' ? `DELETE ${path}` : `POST ${path}/redrive`;
    return this.#newest(times.from, async (entry, signal) => {
      if (!isWithin(entry, times)) return undefined;
      if (entry.action === command) return ifDone(action, entry);
      if (kind !== 'Queue' || entry.namespace !== namespace) return undefined;
      return this.#byOperation(entry, does => (does === action ? action : undefined), `queue/${name}`, id, signal);
    });
  }

  /** `of`: the consumer of the operation. `meant`: the deed, where its action is looked for. */
  async #byOperation(
    entry: AuditEntry,
    meant: (does: string) => StoryDeed['action'] | undefined,
    of: string,
    id: string,
    signal: AbortSignal,
  ): Promise<Judgement> {
    const [, operation, does = '', isOf] = OPERATION.exec(entry.action) ?? [];
    const action = isOf === of ? meant(does) : undefined;
    if (operation === undefined || action === undefined) return undefined;
    const taken = await hasTaken(this.#sources, { namespace: entry.namespace ?? '', id: operation }, id, signal);
    if (taken === 'unclear') return taken;
    return taken ? { ...toDeed(action, entry), operation } : undefined;
  }

  /** Stops where entries are too old to be from `from` on. */
  async #newest(
    from: number,
    judge: (entry: AuditEntry, signal: AbortSignal) => Promise<Judgement>,
  ): Promise<FoundDeed> {
    return this.#inTime(async signal => {
      for (let at = 0; ; at++) {
        const page = this.#pages[at] ?? (await this.#read(signal));
        if (page === undefined) return this.#next === undefined ? {} : NOT_FOUND;
        for (const entry of page.entries) {
          const deed = await judge(entry, signal);
          if (deed !== undefined) return deed === 'unclear' ? UNCLEAR : { deed };
        }
        if (page.oldest < from - CLOCKS_DIFFER_MS - COMMAND_MS) return {};
      }
    });
  }

  /** Undefined where there is none any more, or where more may not be read. */
  async #read(signal: AbortSignal): Promise<WalkedPage | undefined> {
    const after = this.#next;
    const isEnd = this.#pages.length > 0 && after === undefined;
    if (isEnd || this.#pages.length >= MOST_PAGES) return undefined;
    signal.throwIfAborted();
    const asked = this.#sources.audit.list({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    const { items, next } = await unlessAborted(asked, signal);
    // The log has an operation where it ended, which may be days after its start.
    const commands = items.filter(({ action }) => !OPERATION.test(action)).map(({ at }) => Date.parse(at));
    const oldest = commands.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
    const page = { entries: items.filter(({ outcome }) => outcome !== 'refused'), oldest };
    this.#pages.push(page);
    this.#next = next;
    return page;
  }

  async #inTime(ask: (signal: AbortSignal) => Promise<FoundDeed>): Promise<FoundDeed> {
    const { world } = this.#sources;
    const late = new AbortController();
    const began = world.monotonic();
    const timer = world.after(this.#leftMs, () => late.abort(LATE));
    try {
      return await ask(AbortSignal.any([this.#signal, late.signal]));
    } catch (error) {
      if (this.#signal.aborted) throw error;
      return error === LATE && this.#pages.length > 0 ? NOT_FOUND : UNREAD;
    } finally {
      timer.cancel();
      this.#leftMs = Math.max(0, this.#leftMs - (world.monotonic() - began));
    }
  }
}

/** One that failed or broke off may have been done in part. */
function ifDone(action: StoryDeed['action'], entry: AuditEntry): Judgement {
  return entry.outcome === 'done' ? toDeed(action, entry) : 'unclear';
}

function toDeed(action: StoryDeed['action'], { by, at }: AuditEntry): StoryDeed {
  return { action, by, at };
}

function isWithin({ at }: AuditEntry, { from, until }: DeedTimes): boolean {
  const time = Date.parse(at);
  return time >= from - CLOCKS_DIFFER_MS && time <= until + CLOCKS_DIFFER_MS;
}

interface Command {
  readonly verb: StoryDeed['action'] | 'unread';
  /** Undefined where it was for all that a query found. */
  readonly ids?: readonly unknown[];
}

/** Undefined where it was about others, or decided nothing. A long body is not in the log. */
function commandOf({ asked, taken }: AuditEntry, { kind, name }: ConsumerName): Command | undefined {
  // One that was too late for all of its events is "done" as well.
  if (taken === 0) return undefined;
  if (typeof asked !== 'object' || asked === null) return { verb: 'unread' };
  const said: Readonly<Partial<Record<'action' | 'kind' | 'name' | 'ids' | 'edit', unknown>>> = asked;
  if (String(said.kind).toLowerCase() !== kind.toLowerCase() || said.name !== name) return undefined;
  const action = said.action === 'redrive' && said.edit !== undefined ? 'edit' : said.action;
  const verb = DECISIONS.find(each => each === action);
  return verb && { verb, ...(Array.isArray(said.ids) && { ids: said.ids }) };
}

/** Whether an operation has done it for the event. */
async function hasTaken(
  { operations }: DeedSources,
  name: { readonly namespace: string; readonly id: string },
  id: string,
  signal: AbortSignal,
): Promise<boolean | 'unclear'> {
  let after: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    signal.throwIfAborted();
    const asked = operations()
      .items(name, { limit: PAGE, ...(after === undefined ? {} : { after }) })
      // It may be kept no longer.
      .catch(() => undefined);
    const found = await unlessAborted(asked, signal);
    if (found === undefined) return 'unclear';
    const outcome = found.items.find(item => item.id === id)?.outcome;
    if (outcome !== undefined) return outcome === 'in-doubt' ? 'unclear' : outcome === 'done';
    if (found.next === undefined) return false;
    after = found.next;
  }
  return 'unclear';
}
