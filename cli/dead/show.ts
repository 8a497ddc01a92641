// `tenfold dead show`: everything about one dead letter.
import type { DeadLetterDetail } from '../../admin/commands/dead-letter-view.ts';
import { causeText } from '../../core/cause.ts';
import { counted } from '../../core/units/counted.ts';
import { CommandError } from '../command-error.ts';
import type { ConsumerRequest } from '../events/find-consumer.ts';
import { findLetterOwner } from '../events/find-letter-owner.ts';
import type { ListFormat } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import { oneLine } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { ageOf } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { consumerNameOf } from './list.ts';

export interface ShowRequest {
  readonly consumer: ConsumerRequest;
  readonly ids: readonly string[];
  /** Its data alone. */
  readonly data: boolean;
  readonly format: ListFormat;
}

export async function showLetter(
  { consumer, ids, data, format }: ShowRequest,
  client: Pick<AdminClient, 'consumers' | 'deadLetter'>,
  terminal: Terminal,
): Promise<void> {
  const [id] = ids;
  if (id === undefined || ids.length > 1) {
    throw new CommandError('usage', 'It is not said which one dead letter.', {
      hint: 'name it by its id; "tenfold dead list" shows them.',
    });
  }
  const letter = await client.deadLetter(await findLetterOwner(consumer, client), id);
  if (data) {
    if (letter.notShown !== undefined) {
      throw new CommandError('usage', `The data (${bytesOf(letter.data)}) are not shown. ${letter.notShown}`);
    }
    if (!('text' in letter.data)) {
      throw new CommandError('usage', `The data (${bytesOf(letter.data)}) are no text, or too many to show.`);
    }
    terminal.print(letter.data.text);
  } else if (format === 'json' || format === 'yaml') terminal.print(renderData(letter, format));
  else if (format === 'name') terminal.print(`${consumerNameOf(letter.consumer)} ${letter.id}`);
  else terminal.print(describe(letter, terminal.out));
}

function describe(letter: DeadLetterDetail, style: Style): string {
  const { consumer, id, key, reason, error, status, cause, attempts, at, held, redriven } = letter;
  const lines = [
    `Key        ${key ?? '-'}`,
    `Given up   ${at}, ${ageOf(at, Date.now())} ago: ${reason}${held ? '; its key is held until it is redriven, skipped or purged' : ''}`,
    `Attempts   ${attempts}${redriven > 0 ? `, after ${counted(redriven, 'redrive')}` : ''}`,
    `Error      ${status === undefined ? '' : `${status} `}${error === '' ? '-' : error}`,
    ...(cause === undefined ? [] : [`Cause      ${causeText(cause)}`]),
  ];
  const head = [`${style.bold(id)}  ${consumerNameOf(consumer)}`, ...lines.map(oneLine)].join('\n');
  return [head, ...renderShownEvent(letter, style)].join('\n\n');
}

/** The sections that show an event, with its headers where it is no CloudEvent. */
export function renderShownEvent(
  { event, headers, data, notShown }: Pick<DeadLetterDetail, 'event' | 'headers' | 'data' | 'notShown'>,
  style: Style,
): string[] {
  const others = Object.entries(headers).filter(([name]) => event === undefined || !name.startsWith('ce_'));
  const sections: string[] = [];
  if (others.length > 0) {
    const shown = others.map(([name, value]) => oneLine(`  ${name}: ${value}`));
    sections.push([style.bold('Headers'), ...shown].join('\n'));
  }
  if (event !== undefined) sections.push(`${style.bold('Event')}\n${safeLines(JSON.stringify(event, null, 2))}`);
  if (notShown !== undefined) sections.push(`${style.bold('Data')}\n  ${bytesOf(data)}, not shown. ${notShown}`);
  else if (event === undefined) {
    sections.push(`${style.bold('Data')}\n${'text' in data ? safeLines(data.text) : `  ${bytesOf(data)}`}`);
  }
  return sections;
}

function bytesOf(data: DeadLetterDetail['data']): string {
  return counted('bytes' in data ? data.bytes : Buffer.byteLength(data.text), 'byte');
}

/** Others wrote it: nothing of it may steer the terminal. */
function safeLines(text: string): string {
  return text.split('\n').map(oneLine).join('\n');
}
