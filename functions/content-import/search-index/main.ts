// Starts the search index: `node search-index/main.ts [PORT] [NUMBER OF ARTICLES]`;
// port 0 takes any free one.
import type { AddressInfo } from 'node:net';
import { articles } from './articles.ts';
import { createSearchIndex } from './server.ts';

const [port = '4701', count = '3000'] = process.argv.slice(2);

const server = createSearchIndex('articles', articles(Number(count)));
server.listen(Number(port), '127.0.0.1', () => {
  const { port: taken } = server.address() as AddressInfo;
  process.stdout.write(`an index of ${count} articles listens on http://127.0.0.1:${taken}\n`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
