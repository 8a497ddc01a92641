// Starts the legacy shop: `node legacy/main.ts [PORT] [FOLDER OF ITS DATA]`;
// port 0 takes any free one.
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openDatabase } from './database.ts';
import { createShop } from './shop.ts';

const [port = '4600', folder = join(import.meta.dirname, '../.data')] = process.argv.slice(2);

mkdirSync(folder, { recursive: true });
const database = openDatabase(join(folder, 'legacy.db'));
const server = createShop(database);
server.listen(Number(port), '127.0.0.1', () => {
  const { port: taken } = server.address() as AddressInfo;
  process.stdout.write(`the legacy shop listens on http://127.0.0.1:${taken}\n`);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close(() => database.close());
    server.closeAllConnections();
  });
}
