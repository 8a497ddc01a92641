// Prints clicks, an event a line: `node data/main.ts clicks | npx tenfold
// publish clicks --batch -`.
import { once } from 'node:events';
import { clicks, lateClicks } from './clicks.ts';

const made = { clicks, late: lateClicks };
const [, , what = ''] = process.argv;
const generate = Object.hasOwn(made, what) ? made[what as keyof typeof made] : undefined;
if (generate === undefined) {
  process.stderr.write(`Say what: ${Object.keys(made).join(', ')}.\n`);
  process.exit(2);
}
for (const event of generate(Date.now())) {
  if (!process.stdout.write(`${JSON.stringify(event)}\n`)) await once(process.stdout, 'drain');
}
