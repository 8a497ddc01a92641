// Reads what --data or --edit gives: the text itself, a file, or standard input.
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { DeadLetterEdit } from '../../admin/commands/dead-letter-view.ts';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';

/** `text`, `@FILE` or `-`. */
export async function readData(given: string, terminal: Pick<Terminal, 'cwd' | 'stdin'>): Promise<Buffer> {
  if (given !== '-' && !given.startsWith('@')) return Buffer.from(given);
  return readFileOrInput(given === '-' ? given : given.slice(1), terminal);
}

/** Other data for an event: `path` is that of a file, or `-`. */
export async function readEdit(
  path: string,
  contentType: string | undefined,
  terminal: Pick<Terminal, 'cwd' | 'stdin'>,
): Promise<DeadLetterEdit> {
  const bytes = await readFileOrInput(path.startsWith('@') ? path.slice(1) : path, terminal);
  return { ...toText(bytes), ...(contentType === undefined ? {} : { contentType }) };
}

function toText(bytes: Buffer): { text: string } | { base64: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { base64: bytes.toString('base64') };
  }
}

/** A path, or `-` for standard input. */
export async function readFileOrInput(path: string, terminal: Pick<Terminal, 'cwd' | 'stdin'>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of openFileOrInput(path, terminal)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export async function* openFileOrInput(
  path: string,
  { cwd, stdin }: Pick<Terminal, 'cwd' | 'stdin'>,
): AsyncGenerator<Uint8Array | string> {
  if (path === '-') return yield* stdin;
  const file = resolve(cwd, path);
  try {
    yield* createReadStream(file);
  } catch (cause) {
    throw new CommandError('file-unreadable', `${file} cannot be read.`, { cause });
  }
}
