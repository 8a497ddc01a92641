// The process that runs one query: reads the request from its standard input, writes the results,
// and ends.
import { text } from 'node:stream/consumers';
import type { SqlMessage, SqlRequest } from '../messages.ts';
import { toFailure } from './failure.ts';
import { openSession } from './session.ts';

const PROGRESS_EVERY_MS = 200;

const request: SqlRequest = JSON.parse(await text(process.stdin));
try {
  const session = await openSession(request);
  let percent = -1;
  const timer = setInterval(() => {
    const now = Math.floor(session.percent());
    if (now <= percent) return;
    percent = now;
    void say({ kind: 'progress', percent });
  }, PROGRESS_EVERY_MS);
  for await (const message of session.run()) await say(message);
  clearInterval(timer);
} catch (error) {
  await say(toFailure(error, request.sql));
}
// DuckDB has threads of its own, which would keep the process alive.
process.exit(0);

function say(message: SqlMessage): Promise<void> {
  return new Promise(resolve => process.stdout.write(`${JSON.stringify(message)}\n`, () => resolve()));
}
