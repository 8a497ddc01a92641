// The thread that hears from the tests each second. Once it has heard nothing for longer than the
// running test may take, it says where the tests stand, and ends them.
import { writeSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { parentPort } from 'node:worker_threads';
import type { Beat } from './watch.ts';

const TICK_MS = 1000;
/** Mocha's own timer comes first where the event loop goes on. */
const GRACE_TICKS = Number(process.env['TENFOLD_HUNG_GRACE'] ?? 60);
const FRAMES = 12;
const PAUSES_WITHIN_MS = 10_000;

let silentTicks = 0;
let title = 'a file of tests that loads, or a hook';
let limitMs = 0;

parentPort?.on('message', (beat: Beat) => {
  silentTicks = 0;
  title = beat.title ?? title;
  limitMs = beat.limitMs ?? limitMs;
});

// Counted in ticks: while the whole process stands still, so does this.
setInterval(() => {
  silentTicks++;
  if (limitMs > 0 && silentTicks > limitMs / TICK_MS + GRACE_TICKS) void end();
}, TICK_MS);

async function end(): Promise<void> {
  limitMs = 0;
  const where = await placeOfTests().catch(error => `nobody can tell where: ${error}`);
  writeSync(1, `== failed for good: ${title}: it lets nothing else run, and stands at ${where}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** The innermost calls, in one line. */
async function placeOfTests(): Promise<string> {
  const session = new Session();
  session.connectToMainThread();
  const files = new Map<string, string>();
  session.on('Debugger.scriptParsed', ({ params }) => void files.set(params.scriptId, params.url));
  const paused = new Promise<string>((resolve, reject) => {
    setTimeout(() => reject(new Error('it does not pause')), PAUSES_WITHIN_MS);
    session.on('Debugger.paused', ({ params }) =>
      resolve(
        params.callFrames
          .slice(0, FRAMES)
          .map(
            ({ functionName, location }) =>
              `${functionName || 'a function'} (${files.get(location.scriptId) ?? ''}:${location.lineNumber + 1})`,
          )
          .join(' < '),
      ),
    );
  });
  await session.post('Debugger.enable');
  await session.post('Debugger.pause');
  return paused;
}
