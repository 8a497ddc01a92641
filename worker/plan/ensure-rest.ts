// A topic that may not have as many partitions as its resource says has all else that it says.
import { TenfoldError } from '../../core/errors.ts';
import type { EventLog, TopicSettings } from '../../drivers/event-log/event-log.ts';

export interface WantedTopic {
  /** In the log. */
  readonly name: string;
  readonly settings: TopicSettings;
}

/**
 * The topic cannot have the partitions that are wanted. Its cause is what became of the rest: the
 * failure of that, or else the refusal.
 */
export class PartitionsRefused extends TenfoldError {
  /** All else that is wanted is in force. */
  readonly hasRest: boolean;

  constructor(refusal: TenfoldError, rest: { readonly failed?: unknown }) {
    const hasRest = !('failed' in rest);
    const reason = rest.failed instanceof Error ? rest.failed.message : String(rest.failed);
    const outcome = hasRest
      ? 'All else that the Topic says is in force.'
      : `Its other settings are not in force: ${reason}`;
    super('conflict', `${refusal.message} ${outcome}`, {
      cause: hasRest ? refusal : rest.failed,
    });
    this.hasRest = hasRest;
  }
}

/**
 * Makes the topic or changes it. Rejects with `conflict` where the log refuses its partitions.
 * Where the topic is there, all else that is wanted is tried then, and the error is a
 * `PartitionsRefused`.
 */
export async function ensureAsFarAsPossible(
  log: Pick<EventLog, 'bounds' | 'ensureTopic'>,
  { name, settings }: WantedTopic,
): Promise<void> {
  try {
    await log.ensureTopic(name, settings);
  } catch (refusal) {
    if (!(refusal instanceof TenfoldError) || refusal.code !== 'conflict') throw refusal;
    throw await ensureRest(log, { name, settings }, refusal);
  }
}

/** Resolves with what there is to say of the refusal, whatever becomes of the rest. */
async function ensureRest(
  log: Pick<EventLog, 'bounds' | 'ensureTopic'>,
  { name, settings }: WantedTopic,
  refusal: TenfoldError,
): Promise<TenfoldError> {
  try {
    const there = (await log.bounds(name))?.length;
    if (there === undefined || there === settings.partitions) return refusal;
    await log.ensureTopic(name, { ...settings, partitions: there });
    return new PartitionsRefused(refusal, {});
  } catch (failed) {
    return new PartitionsRefused(refusal, { failed });
  }
}
