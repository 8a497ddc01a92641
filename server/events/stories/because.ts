// Says in one sentence why an event waits: what is before it, what failed there, and what its
// consumer does about it now.
import type { ConsumerReport } from '../../../admin/event-view.ts';
import { holdOf, PASSING_HOLDS } from '../../../admin/failure-view.ts';
import type { ConsumerStory, StoryDeed } from '../../../admin/story-view.ts';
import { type Failure, failureText } from '../../../core/failure.ts';
import { counted } from '../../../core/units/counted.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { ParkingLogEntry } from '../../../worker/parking-log/fold-parking-log.ts';
import type { StoryDeeds } from './deeds.ts';

/** The parked event `entry`, and the first one of its key, which may be the same. */
export function parkedBecause(entry: ParkingLogEntry, head: ParkingLogEntry, partition: number): string | undefined {
  if (entry.state === 'dead') return undefined;
  const isFirst = entry === head;
  if (head.state === 'held') {
    const which = isFirst ? 'It was' : `It waits behind ${partition}-${head.event} of its key, which was`;
    return `${which} given up (${head.death?.reason ?? 'failed'}${after(head.error)}); the key waits until somebody redrives or skips that event.`;
  }
  const next = `at ${toTimestamp(head.at)}`;
  if (!isFirst) {
    const what = `It waits behind ${partition}-${head.event} of its key, which`;
    if (head.attempts === 0) return `${what} is tried ${next} at the earliest.`;
    return `${what} failed ${counted(head.attempts, 'time')}${after(head.error)}, and is tried again ${next}.`;
  }
  if (entry.attempts === 0) return `It is the first one of its key that waits, and is tried ${next} at the earliest.`;
  return `It failed ${counted(entry.attempts, 'time')}${after(entry.error)}, and is tried again ${next}.`;
}

/** The story of what waits, with the reasons. `deeds`: who paused the consumer by a command. */
export async function withReason(
  story: ConsumerStory,
  reports: readonly ConsumerReport[],
  deeds: StoryDeeds | undefined,
): Promise<ConsumerStory> {
  if (story.fate !== 'waiting' && story.fate !== 'parked') return story;
  const { kind, namespace, name } = story.consumer;
  const report = reports.find(each => each.kind === kind && each.namespace === namespace && each.name === name);
  const isPaused = report?.state === 'paused' && report.pausedByCommand;
  const { deed, note } = (isPaused && (await deeds?.pauseOf(story.consumer))) || {};
  const because = waitingBecause(story, report, deed);
  const heldUp = report && holdOf(report, story.fate === 'parked');
  return {
    ...withNote(story, note),
    ...(heldUp === undefined ? {} : { heldUp }),
    ...(because === undefined ? {} : { because }),
  };
}

export function withNote(story: ConsumerStory, note: string | undefined): ConsumerStory {
  if (note === undefined) return story;
  return { ...story, note: story.note === undefined ? note : `${story.note} ${note}` };
}

/** `report`: how the consumer does in all processes. `paused`: who paused it by a command. */
export function waitingBecause(
  story: ConsumerStory,
  report: ConsumerReport | undefined,
  paused?: StoryDeed,
): string | undefined {
  const { because, ahead } = story;
  // Views and Pipelines have no report: their stories say themselves which Function holds them up.
  const held = report ? holdOf(report, story.fate === 'parked') : story.heldUp;
  const why = (report && consumerBecause(report, paused)) ?? held?.message ?? (report && restBecause(report));
  const isMoving = why === undefined || (held !== undefined && (held.isPartial || PASSING_HOLDS.has(held.by)));
  const place = because ?? (isMoving && ahead !== undefined ? placeText(ahead, report) : undefined);
  return [why, place].filter(each => each !== undefined).join(' ') || undefined;
}

function placeText(ahead: number, report: ConsumerReport | undefined): string {
  const { inFlight } = report ?? {};
  const are = inFlight === 1 ? 'is' : 'are';
  const underWay = inFlight === undefined ? '' : `; ${counted(inFlight, 'event')} of the consumer ${are} under way`;
  if (ahead === 0) return `It is the next one of its partition${underWay}.`;
  return `It waits behind at most ${counted(ahead, 'event')} of its partition${underWay}.`;
}

/** The sentence for the whole event: that of the consumer where it takes longest to go on. */
export function eventBecause(stories: readonly ConsumerStory[]): string | undefined {
  for (const fate of ['held', 'parked', 'waiting'] as const) {
    const story = stories.find(each => each.fate === fate && each.because !== undefined);
    if (story) return `${story.consumer.kind} ${story.consumer.name}: ${story.because}`;
  }
  return undefined;
}

/** Undefined where it hands events on as usual. */
function consumerBecause(report: ConsumerReport, paused: StoryDeed | undefined): string | undefined {
  const { state, lastError, pausedByCommand, parkedEvents, parkedKeys } = report;
  switch (state) {
    case 'paused':
      return pausedByCommand
        ? `The consumer was paused by ${paused === undefined ? 'a command' : `${paused.by} at ${paused.at}`}.`
        : 'The consumer is paused, as its resource says "paused: true".';
    case 'stopped':
      return lastError === undefined
        ? `The consumer reads no further, as ${counted(parkedEvents, 'event')} of ${counted(parkedKeys, 'key')} are parked.`
        : `The consumer has stopped: ${sentence(lastError)}`;
    case 'starting':
      return lastError === undefined
        ? 'No process works on the partition at the moment.'
        : `The consumer does not start: ${sentence(lastError)}`;
    default:
      return undefined;
  }
}

/** A worker of an earlier release does not say what holds it up. */
function restBecause({ state }: ConsumerReport): string | undefined {
  return state === 'resting' ? 'The target of the consumer is left alone for a moment.' : undefined;
}

function after(error: Failure | undefined): string {
  return error === undefined ? '' : `, last with ${JSON.stringify(failureText(error))}`;
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
