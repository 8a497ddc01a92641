// Words about an event at one consumer, beside its state.
import type { ConsumerStory, StoryDeed, StoryWindow } from '../../admin/story-view.ts';
import { counted } from '../../core/units/counted.ts';
import { causeWords } from '../events/cause-words.ts';

type Fated = Omit<ConsumerStory, 'consumer'>;

/** Rows and windows that are named; `-o json` has more. */
const NAMED = 5;

export function whyWords(story: Fated): string {
  const { because, behind, ahead, reason, by, note } = story;
  // The sentence has all else.
  if (because !== undefined)
    return [
      ...generationWords(story),
      because,
      ...(story.redrivenBy === undefined ? [] : redriveWords(story)),
      ...changeWords(story),
      ...noteWords(note),
    ].join('; ');
  const failed = causeWords(story);
  const parts = [
    ...generationWords(story),
    ...(reason === undefined ? [] : [`given up: ${reason}`]),
    ...(by === undefined ? [] : [deedWords(by)]),
    ...redriveWords(story),
    ...(behind === undefined ? [] : [`behind ${behind} of its key`]),
    ...(ahead === undefined
      ? []
      : [ahead === 0 ? 'it is the next one' : `at most ${counted(ahead, 'event')} before it`]),
    ...(failed === '' ? [] : [failed]),
    ...changeWords(story),
    ...tookWords(story),
    ...noteWords(note),
  ];
  return parts.join('; ');
}

function tookWords({ took }: Fated): string[] {
  if (took === undefined) return [];
  if (took === 'unknown') return ['how long it took is not known: no process remembers it'];
  const { ms, startedAt, attempt, together, host } = took;
  const times = attempt === 1 ? '' : ` at attempt ${attempt}`;
  const others = together === undefined ? '' : ` for ${together} events together`;
  return [`took ${ms} ms${others}${times}, from ${startedAt}, as ${host} has measured`];
}

/** The newest of several redrives is told. */
function redriveWords({ redriven, redrivenAt, redrivenBy }: Fated): string[] {
  if (redriven === undefined) return [];
  const times = `after ${counted(redriven, 'redrive')}`;
  if (redrivenBy === undefined) return [redrivenAt === undefined ? times : `${times} (the last at ${redrivenAt})`];
  return [`${times} (the last: ${deedWords(redrivenBy)})`];
}

export function deedWords({ action, by, at, operation }: StoryDeed): string {
  return `${DEEDS[action]} by ${by} at ${at}${operation === undefined ? '' : ` (operation ${operation})`}`;
}

const DEEDS: Readonly<Record<StoryDeed['action'], string>> = {
  pause: 'paused',
  skip: 'skipped',
  purge: 'purged',
  'give-up': 'given up',
  redrive: 'redriven',
  edit: 'redriven with other data',
  cancel: 'cancelled',
};

function noteWords(note: string | undefined): string[] {
  return note === undefined ? [] : [note];
}

function generationWords({ generation, building }: Fated): string[] {
  if (generation === undefined) return [];
  return [building ? `generation ${generation}, which is being built` : `generation ${generation}`];
}

function changeWords({ rows, moreRows = 0, windows, moreWindows = 0 }: Fated): string[] {
  return [
    ...(rows === undefined ? [] : [`${counted(rows.length + moreRows, 'row')}: ${named(rows, moreRows)}`]),
    ...(windows === undefined || windows.length === 0
      ? []
      : [`${counted(windows.length + moreWindows, 'window')}: ${named(windows.map(windowWords), moreWindows)}`]),
  ];
}

function windowWords({ key, start, end, around }: StoryWindow): string {
  const of = key === '' ? '' : ` of ${key}`;
  return around === undefined ? `${start} to ${end}${of}` : `the session around ${around}${of}`;
}

function named(names: readonly string[], more: number): string {
  const others = Math.max(0, names.length - NAMED) + more;
  const shown = names.slice(0, NAMED).join(', ');
  return others === 0 ? shown : `${shown} and ${counted(others, 'other')}`;
}
