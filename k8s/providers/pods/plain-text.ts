// Texts of others for the status of an object: one line, without characters that steer a terminal,
// and not too long. A mark shows where something was left out.
import { stripVTControlCharacters } from 'node:util';
import { readText } from '../../api/kube-object.ts';

/** Control characters, line ends of all kinds, and those that change the direction of a text. */
const STEERING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+/g;
const LEFT_OUT = '…';

/** The beginning of a text. */
export function toPlainText(text: string, longest: number): string {
  const plain = oneLine(text);
  return plain.length <= longest ? plain : `${plain.slice(0, longest - 1).toWellFormed()}${LEFT_OUT}`;
}

/** The last lines of a log, without the places of a stack; the newest matter most. */
export function toLogTail(text: string, longest: number): string {
  const lines = text
    .split('\n')
    .map(line => oneLine(saidIn(line)))
    .filter(line => line !== '' && !/^(at |\^+$)/.test(line));
  const plain = lines.join(' | ');
  return plain.length <= longest ? plain : `${LEFT_OUT}${plain.slice(1 - longest).toWellFormed()}`;
}

function oneLine(text: string): string {
  return stripVTControlCharacters(text).replace(STEERING, ' ').replace(/ {2,}/g, ' ').trim();
}

/** The message of a line in JSON, as the runtime writes them, with that of its error. */
function saidIn(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const parsed: unknown = JSON.parse(line);
    const [message, cause] = [readText(parsed, 'message'), causeIn(parsed)];
    if (message === undefined) return line;
    return cause === undefined ? message : `${message}: ${cause}`;
  } catch {
    return line;
  }
}

function causeIn(line: unknown): string | undefined {
  return readText(line, 'failure', 'message') ?? readText(line, 'error', 'message');
}
