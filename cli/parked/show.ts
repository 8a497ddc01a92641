// `tenfold parked show`: one key, its head with the whole cause, and all that waits behind it.
import type { ParkedDetail, ParkedEvent } from '../../admin/parked-view.ts';
import { causeText } from '../../core/cause.ts';
import { counted } from '../../core/units/counted.ts';
import { CommandError } from '../command-error.ts';
import { consumerNameOf } from '../dead/list.ts';
import { renderShownEvent } from '../dead/show.ts';
import type { ConsumerRequest } from '../events/find-consumer.ts';
import { findLetterOwner } from '../events/find-letter-owner.ts';
import { collectPages } from '../output/collect-pages.ts';
import type { ListFormat } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import { oneLine, renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { ageOf } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { eventColumns, nextWords } from './list.ts';

export interface ParkedShowRequest {
  readonly consumer: ConsumerRequest;
  readonly ids: readonly string[];
  /** Waiting events at most. */
  readonly limit: number;
  readonly format: ListFormat;
}

export async function showParked(
  { consumer, ids, limit, format }: ParkedShowRequest,
  client: Pick<AdminClient, 'consumers' | 'parkedKey'>,
  terminal: Terminal,
): Promise<void> {
  const [id] = ids;
  if (id === undefined || ids.length > 1) {
    throw new CommandError('usage', 'It is not said which one key.', {
      hint: 'name it by the id of an event of it; "tenfold parked list" shows them.',
    });
  }
  const owner = await findLetterOwner(consumer, client);
  let detail: ParkedDetail | undefined;
  const { items, more } = await collectPages(limit, async wanted => {
    const page = await client.parkedKey(owner, id, wanted);
    detail ??= page;
    return page.waiting;
  });
  if (detail === undefined) return;
  const found: ParkedDetail = { ...detail, waiting: { items } };
  if (format === 'json' || format === 'yaml') terminal.print(renderData(found, format));
  else if (format === 'name') terminal.print(`${consumerNameOf(found.consumer)} ${found.id}`);
  else terminal.print(describe(found, items, terminal.out, format === 'wide'));
  if (more) terminal.say(`${counted(found.events - items.length, 'more event')} of the key: see further with --limit.`);
}

const STATES: Readonly<Record<ParkedEvent['state'], string>> = {
  retrying: 'an attempt failed',
  waiting: 'no attempt has failed yet',
  held: 'held until its dead letter is redriven, skipped or purged',
};

function describe(detail: ParkedDetail, waiting: readonly ParkedEvent[], style: Style, wide: boolean): string {
  const now = Date.now();
  const { consumer, id, key, partition, events, state, attempts, since, reason, error, status, cause } = detail;
  const next = detail.nextAttemptAt === undefined ? '-' : `${detail.nextAttemptAt}, ${nextWords(detail, now)}`;
  const lines = [
    `Key        ${key ?? '-'}, partition ${partition}`,
    `State      ${STATES[state]}`,
    `Since      ${since}, ${ageOf(since, now)} ago`,
    `Attempts   ${attempts}`,
    `Next       ${next}`,
    ...(reason === undefined ? [] : [`Reason     ${reason}`]),
    `Error      ${status === undefined ? '' : `${status} `}${error ?? '-'}`,
    ...(cause === undefined ? [] : [`Cause      ${causeText(cause)}`]),
  ];
  const columns = [
    { title: 'ID', value: (row: ParkedEvent) => row.id },
    ...eventColumns<ParkedEvent>(style, { wide, now }),
  ];
  return [
    [`${style.bold(id)}  ${consumerNameOf(consumer)}`, ...lines.map(oneLine)].join('\n'),
    ...renderShownEvent(detail, style),
    `${style.bold(`${counted(events, 'event')} of the key`)}\n${renderTable(columns, waiting)}`,
  ].join('\n\n');
}
