// The story of a job for people: the job, why it waits, what became of its callbacks and items, and
// what it came from and led to.
import type { FailedItem, FanOutSummary } from '../../admin/fan-out-view.ts';
import type { JobSummary } from '../../admin/job-view.ts';
import type { CallbackStory, JobStory, ParkedItem, TimedItem } from '../../admin/story-view.ts';
import { failureText } from '../../core/failure.ts';
import { counted } from '../../core/units/counted.ts';
import { causeWords } from '../events/cause-words.ts';
import { type Column, oneLine, renderTable } from '../output/table.ts';
import { wrap } from '../output/wrap.ts';
import { nextWords } from '../parked/list.ts';
import { ageOf, tookOf } from '../relative-age.ts';
import type { Style } from '../style.ts';
import { ofNamespace } from './choice.ts';
import { consumerTable, fateTable, WIDTH } from './consumer-lines.ts';
import { linkLines } from './link-lines.ts';
import { deedWords } from './why-words.ts';

/** `now`: what ages count from, milliseconds since 1970. */
export function describeJob(story: JobStory, style: Style, now: number): string {
  const { because, consumers, callbacks = [], items } = story;
  return [
    [style.bold(oneLine(story.job.id)), ...headLines(story, now).map(oneLine)].join('\n'),
    ...(because === undefined ? [] : [wrap(oneLine(because), WIDTH).join('\n')]),
    ...(consumers.length === 0 ? [] : [consumerTable(consumers, style, now)]),
    ...(callbacks.length === 0 ? [] : [fateTable('CALLBACK', callbacks.map(callbackRow), style, now)]),
    ...(items === undefined ? [] : itemTables(items, style, now)),
    ...linkLines(story, style),
  ].join('\n\n');
}

function headLines({ of, job, event, ...story }: JobStory, now: number): string[] {
  const {
    acceptedBy,
    owner,
    sameAs,
    cancelAsked,
    cancelledBy,
    redrivenBy,
    note,
    result,
    keptUntil,
    traces = [],
  } = story;
  const at = 'queuedAt' in job ? job.queuedAt : job.acceptedAt;
  const by = acceptedBy === undefined ? '' : `, by ${ACCEPTED[acceptedBy]}`;
  const [partition, offset] = job.id.split('-');
  const of_ = `${of.kind.toLowerCase()}/${of.name}${ofNamespace(of)}`;
  const kept = keptUntil === undefined ? '' : `, kept until ${keptUntil}`;
  const answer =
    result && `${result.status} ${result.contentType ?? 'without a content type'}, ${counted(result.bytes, 'byte')}`;
  const { id = '-', type = '-', source = '-', key = null } = event ?? {};
  return [
    line('Job', `of ${of_}, ${job.state}`),
    line('Accepted', `${at}, ${ageOf(at, now)} ago${by}, at ${partition}-${offset}`),
    ...('queue' in job ? attemptLines(job) : fanOutLines(job)),
    ...(answer === undefined
      ? kept === ''
        ? []
        : [line('Kept', `until ${keptUntil}`)]
      : [line('Result', answer + kept)]),
    ...(sameAs === undefined ? [] : [line('Repeats', `${sameAs}: its event was appended twice`)]),
    ...(cancelledBy
      ? [line('Cancel', deedWords(cancelledBy))]
      : cancelAsked
        ? [line('Cancel', 'somebody has asked for its end')]
        : []),
    ...(redrivenBy === undefined ? [] : [line('Again', `the last time ${deedWords(redrivenBy)}`)]),
    ...(note === undefined ? [] : [line('Note', note)]),
    ...(owner === undefined ? [] : [line('Owner', owner)]),
    ...(event === undefined
      ? [line('Event', 'the log keeps it no longer')]
      : [line('Event', `${id}, ${type} from ${source}, key ${key ?? '-'}`)]),
    ...(traces.length === 0 ? [] : [line('Trace', traces.join(' '))]),
  ];
}

const ACCEPTED: Readonly<Record<NonNullable<JobStory['acceptedBy']>, string>> = {
  endpoint: 'a request',
  consumer: 'a consumer',
  upload: 'an upload',
};

function attemptLines({ attempts, startedAt, finishedAt, error, cause }: JobSummary): string[] {
  const words = causeWords({ error, cause });
  return [
    ...(attempts === 0
      ? []
      : [line('Attempts', startedAt === undefined ? `${attempts}` : `${attempts}, the newest began at ${startedAt}`)]),
    ...(finishedAt === undefined
      ? []
      : [
          line(
            'Ended',
            startedAt === undefined
              ? finishedAt
              : `${finishedAt}, ${tookOf(startedAt, finishedAt)} after the newest attempt began`,
          ),
        ]),
    ...(words === '' ? [] : [line('Error', words)]),
  ];
}

function fanOutLines({ items, acceptedAt, finishedAt, deadline, redriven, error, cause }: FanOutSummary): string[] {
  const { total, succeeded, failed, open, divided } = items;
  const words = causeWords({ error: error?.message, cause });
  const more = divided ? '' : ', and more are to come';
  return [
    line('Items', `${total}: ${succeeded} succeeded, ${failed} failed, ${open} open${more}`),
    ...(finishedAt === undefined
      ? deadline === undefined
        ? []
        : [line('Deadline', deadline)]
      : [line('Ended', `${finishedAt}, ${tookOf(acceptedAt, finishedAt)} after it was accepted`)]),
    ...(redriven === 0 ? [] : [line('Redriven', counted(redriven, 'time'))]),
    ...(words === '' ? [] : [line('Error', words)]),
  ];
}

function callbackRow(story: CallbackStory) {
  const { to = 'an address that is not known any more', tells } = story;
  return { name: `${to} (${tells})`, story };
}

function itemTables(
  { failed, moreFailed = 0, parked, moreParked = 0, slowest = [], timed = 0 }: NonNullable<JobStory['items']>,
  style: Style,
  now: number,
): string[] {
  const failures: Column<FailedItem>[] = [
    { title: 'FAILED ITEM', value: ({ index }) => index, paint: () => style.bold },
    { title: 'REASON', value: ({ reason }) => reason },
    { title: 'ATTEMPTS', value: ({ attempts }) => attempts },
    { title: 'LETTER', value: ({ letter }) => letter ?? '-' },
    { title: 'ERROR', value: ({ error }) => failureText(error) },
  ];
  const waits: Column<ParkedItem>[] = [
    { title: 'PARKED ITEM', value: ({ index }) => index, paint: () => style.bold },
    { title: 'ATTEMPTS', value: ({ attempts }) => attempts ?? '-' },
    { title: 'NEXT', value: row => nextWords(row, now) },
    { title: 'BEHIND', value: ({ behind }) => behind ?? '-' },
    { title: 'ERROR', value: row => causeWords(row) },
  ];
  const times: Column<TimedItem>[] = [
    { title: 'SLOWEST ITEM', value: ({ index }) => index, paint: () => style.bold },
    { title: 'TOOK', value: ({ took: { ms, together } }) => `${ms} ms${together ? ` for ${together} together` : ''}` },
    { title: 'ATTEMPT', value: ({ took }) => took.attempt },
    { title: 'FROM', value: ({ took }) => took.startedAt },
    { title: 'HOST', value: ({ took }) => took.host },
  ];
  return [
    ...(failed.length === 0 ? [] : [renderTable(failures, failed, WIDTH) + others(moreFailed)]),
    ...(parked.length === 0 ? [] : [renderTable(waits, parked, WIDTH) + others(moreParked)]),
    ...(slowest.length === 0
      ? []
      : [`${renderTable(times, slowest, WIDTH)}\nProcesses remember the time of ${counted(timed, 'item')}.`]),
  ];
}

function others(more: number): string {
  return more === 0 ? '' : `\nand ${counted(more, 'other')}`;
}

function line(title: string, words: string): string {
  return `${title.padEnd(10)} ${words}`;
}
