// Publishes one event, or the events of a file in batches; sends events again that were refused
// because there were too many.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { TenfoldError } from '../../core/errors.ts';
import { pauseAfter } from '../../core/retry/backoff.ts';
import { counted } from '../../core/units/counted.ts';
import { realWorld } from '../../core/world.ts';
import { CommandError } from '../command-error.ts';
import { readData } from '../events/read-data.ts';
import { exitCodes } from '../exit-codes.ts';
import { createProgress } from '../output/progress.ts';
import { renderTable } from '../output/table.ts';
import type { InternalListener } from '../platform/internal-listener.ts';
import type { Terminal } from '../terminal.ts';
import { type BatchOutcome, postBatch, postEvent } from './post.ts';
import { type Entry, type EventDefaults, readEntries } from './read-entries.ts';

export interface PublishRequest {
  readonly topic: string;
  /** Text, `@FILE` or `-`. */
  readonly data: string | undefined;
  readonly id: string | undefined;
  readonly defaults: EventDefaults;
}

/** Of one request. */
const MOST_EVENTS = 500;
const MOST_BYTES = 1_048_576;
/** How often in a row nothing at all is taken before it is given up. */
const MOST_TRIES = 8;
const PAUSES = { base: 350, max: 30_000 };
/** The rest is counted. */
const MOST_SHOWN = 100;

interface Refusal {
  readonly place: string;
  readonly id: string;
  readonly why: string;
}

export async function publishOne(
  request: PublishRequest,
  listener: InternalListener,
  terminal: Terminal,
): Promise<void> {
  const body = request.data === undefined ? undefined : await readData(request.data, terminal);
  const id = request.id ?? randomUUID();
  await postEvent(listener, request.topic, { id, ...request.defaults }, body);
  terminal.print(id);
}

export async function publishBatch(
  request: PublishRequest & { readonly batch: string },
  listener: InternalListener,
  terminal: Terminal,
): Promise<void> {
  if (request.data !== undefined || request.id !== undefined) {
    throw new CommandError('usage', 'A batch has its own data and ids.', { hint: 'leave out --data and --id.' });
  }
  const progress = createProgress('published', terminal);
  const refusals: Refusal[] = [];
  let published = 0;
  const flush = async (entries: readonly Entry[]) => {
    for (const [entry, outcome] of await postUntilTaken(listener, request.topic, entries)) {
      if (outcome.taken) published++;
      else refusals.push({ place: entry.place, id: entry.id, why: outcome.why });
    }
    progress.update(published, undefined);
  };
  try {
    let batch: Entry[] = [];
    let bytes = 0;
    for await (const entry of readEntries(request.batch, request.defaults, terminal)) {
      if ('why' in entry) {
        refusals.push({ ...entry, id: '-' });
        continue;
      }
      if (batch.length > 0 && (batch.length >= MOST_EVENTS || bytes + entry.text.length > MOST_BYTES)) {
        await flush(batch);
        batch = [];
        bytes = 0;
      }
      batch.push(entry);
      bytes += entry.text.length;
    }
    if (batch.length > 0) await flush(batch);
  } catch (error) {
    if (published > 0)
      terminal.say(`${counted(published, 'event')} ${published === 1 ? 'was' : 'were'} published before it failed.`);
    throw error;
  } finally {
    progress.end();
  }
  terminal.print(`${counted(published, 'event')} published`);
  if (refusals.length > 0) report(refusals, terminal);
}

/** An event whose fate is not known is sent again with its id: at worst it is there twice. */
async function postUntilTaken(
  listener: InternalListener,
  topic: string,
  entries: readonly Entry[],
): Promise<Map<Entry, BatchOutcome>> {
  const outcomes = new Map<Entry, BatchOutcome>();
  let left = entries;
  for (let tries = 1; left.length > 0; ) {
    let waitMs = pauseAfter(tries, PAUSES, realWorld.random());
    const later: Entry[] = [];
    try {
      const answers = await postBatch(listener, topic, left);
      for (const [index, entry] of left.entries()) {
        const outcome = answers[index] ?? { taken: false, why: 'The platform said nothing of it.' };
        if (!outcome.taken && outcome.again !== undefined && tries < MOST_TRIES) {
          later.push(entry);
          waitMs = Math.max(waitMs, Math.min(outcome.again, PAUSES.max));
        } else outcomes.set(entry, outcome);
      }
    } catch (error) {
      if (!(error instanceof TenfoldError) || !error.retryable || tries >= MOST_TRIES) throw error;
      later.push(...left);
      waitMs = Math.max(waitMs, Math.min((error.retryAfterSeconds ?? 0) * 1000, PAUSES.max));
    }
    tries = later.length < left.length ? 1 : tries + 1;
    left = later;
    if (left.length > 0) await pause(waitMs);
  }
  return outcomes;
}

function report(refusals: readonly Refusal[], terminal: Terminal): void {
  terminal.exitCode = exitCodes.refused.code;
  terminal.say(terminal.err.red(`${refusals.length} ${refusals.length === 1 ? 'was' : 'were'} refused:`));
  const columns = [
    { title: 'PLACE', value: (row: Refusal) => row.place },
    { title: 'ID', value: (row: Refusal) => row.id },
    { title: 'WHY', value: (row: Refusal) => row.why },
  ];
  terminal.say(renderTable(columns, refusals.slice(0, MOST_SHOWN)));
  if (refusals.length > MOST_SHOWN) terminal.say(`… and ${refusals.length - MOST_SHOWN} more.`);
}
