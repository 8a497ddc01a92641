// Reads the events of a file: a JSON array, or one JSON value a line, of which only a
// line at a time is in memory.
import { randomUUID } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import { CommandError } from '../command-error.ts';
import { openFileOrInput } from '../events/read-data.ts';
import type { Terminal } from '../terminal.ts';

/** Attributes of events that do not set them. */
export interface EventDefaults {
  readonly type: string;
  readonly source: string;
  readonly subject: string | undefined;
  readonly key: string | undefined;
}

export interface Entry {
  /** `line 3`, `event 3`. */
  readonly place: string;
  readonly id: string;
  /** The event in the JSON format of CloudEvents. */
  readonly text: string;
}

export interface Unreadable {
  readonly place: string;
  readonly why: string;
}

/** `path`: of a file, or `-` for standard input. */
export async function* readEntries(
  path: string,
  defaults: EventDefaults,
  terminal: Pick<Terminal, 'cwd' | 'stdin'>,
): AsyncGenerator<Entry | Unreadable> {
  let number = 0;
  let isArray: boolean | undefined;
  let array = '';
  for await (const line of linesOf(openFileOrInput(path, terminal))) {
    number++;
    isArray ??= line.trim() === '' ? undefined : line.trimStart().startsWith('[');
    if (isArray) array += `${line}\n`;
    else if (line.trim() !== '') yield readLine(line, `line ${number}`, defaults);
  }
  if (!isArray) return;
  for (const [index, value] of parseArray(array).entries()) yield toEntry(value, `event ${index + 1}`, defaults);
}

async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk)))).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}

function readLine(line: string, place: string, defaults: EventDefaults): Entry | Unreadable {
  try {
    return toEntry(JSON.parse(line), place, defaults);
  } catch (error) {
    return { place, why: `This is no JSON: ${error instanceof Error ? error.message : error}` };
  }
}

function parseArray(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch (cause) {
    throw new CommandError('usage', `The batch is no JSON array: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
  return [];
}

function toEntry(value: unknown, place: string, { type, source, subject, key }: EventDefaults): Entry {
  if (typeof value === 'object' && value !== null && 'specversion' in value) {
    return { place, id: 'id' in value ? String(value.id) : '-', text: JSON.stringify(value) };
  }
  const id = randomUUID();
  const event = {
    specversion: '1.0',
    id,
    type,
    source,
    subject,
    partitionkey: key,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: value,
  };
  return { place, id, text: JSON.stringify(event) };
}
