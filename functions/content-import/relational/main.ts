// Starts the relational service: `node relational/main.ts [PORT] [FOLDER OF ITS DATA]`;
// port 0 takes any free one.
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startPool } from './pool.ts';
import { createService } from './server.ts';

const [port = '4702', folder = join(import.meta.dirname, '../.data')] = process.argv.slice(2);

mkdirSync(folder, { recursive: true });
const pool = await startPool({
  file: join(folder, 'articles.db'),
  connections: 16,
  waiting: 64,
  roundTripMs: Number(process.env.ROUND_TRIP_MS ?? 0.5),
  patienceMs: 2_000,
});
const server = createService(pool);
server.listen(Number(port), '127.0.0.1', () => {
  const { port: taken } = server.address() as AddressInfo;
  process.stdout.write(`the relational service listens on http://127.0.0.1:${taken}\n`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => void pool.close());
    server.closeIdleConnections();
  });
}
