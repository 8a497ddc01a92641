// Prints the data, an event a line: `node data/main.ts follows | npx tenfold
// publish follows --batch -`.
import { once } from 'node:events';
import { follows } from './people.ts';
import { tweets, views } from './tweets.ts';

const made = { follows, tweets, views };
const [, , what = ''] = process.argv;
const generate = Object.hasOwn(made, what) ? made[what as keyof typeof made] : undefined;
if (generate === undefined) {
  process.stderr.write(`Say what: ${Object.keys(made).join(', ')}.\n`);
  process.exit(2);
}
for (const event of generate()) {
  if (!process.stdout.write(`${JSON.stringify(event)}\n`)) await once(process.stdout, 'drain');
}
