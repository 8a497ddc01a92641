// Prints the answer of a function: the body as it is, or laid out when a person reads JSON.
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import { TenfoldError } from '../../core/errors.ts';
import { PROBLEM_CONTENT_TYPE } from '../../core/problem.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

/** Larger bodies are not laid out. */
const PRETTY_LIMIT = 1_048_576;

export async function printAnswer(
  functionName: string,
  answer: IncomingMessage,
  include: boolean,
  terminal: Terminal,
): Promise<void> {
  const status = answer.statusCode ?? 0;
  const type = (answer.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (include) printHead(answer, terminal);

  try {
    await printBody(answer, type, include, terminal);
  } catch (error) {
    if (error instanceof TenfoldError) throw error;
    throw new TenfoldError('bad-gateway', `The answer of "${functionName}" was cut off.`, { cause: error });
  }
  if (status < 400) return;
  terminal.exitCode = exitCodes[status < 500 ? 'refused' : 'failed'].code;
  terminal.say(terminal.err.red(`The answer is ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()));
}

async function printBody(answer: IncomingMessage, type: string, include: boolean, terminal: Terminal): Promise<void> {
  const isProblem = type === PROBLEM_CONTENT_TYPE;
  const whole = isProblem || (terminal.interactive && /^application\/([\w.-]+\+)?json$/.test(type));
  if (whole && Number(answer.headers['content-length'] ?? 0) <= PRETTY_LIMIT) {
    const text = await readText(answer);
    if (isProblem && !include) throwWhenUnknown(text);
    terminal.write(terminal.interactive ? pretty(text) : text);
  } else {
    for await (const chunk of answer) await terminal.write(chunk);
    if (terminal.interactive) terminal.write('\n');
  }
}

function printHead(answer: IncomingMessage, terminal: Terminal): void {
  terminal.print(`HTTP/${answer.httpVersion} ${answer.statusCode} ${answer.statusMessage}`);
  for (let index = 0; index < answer.rawHeaders.length; index += 2) {
    terminal.print(`${answer.rawHeaders[index]}: ${answer.rawHeaders[index + 1]}`);
  }
  terminal.print('');
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function pretty(text: string): string {
  try {
    return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
  } catch {
    return `${text}\n`;
  }
}

/**
 * The gateway, not the function, answers that there is no such function: that is an error of the
 * command.
 */
function throwWhenUnknown(text: string): void {
  let problem: unknown;
  try {
    problem = JSON.parse(text);
  } catch {
    return;
  }
  if (typeof problem !== 'object' || problem === null || !('type' in problem)) return;
  if (!String(problem.type).endsWith('#unknown-function')) return;
  throw new TenfoldError(
    'unknown-function',
    'detail' in problem ? String(problem.detail) : 'No function has this name.',
  );
}
