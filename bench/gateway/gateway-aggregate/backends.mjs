// The three services behind every aggregate: 200 bytes of JSON each, as
// cheap as node:http makes them.
import { createServer } from 'node:http';

const answers = new Map(
  ['order', 'customer', 'reviews'].map(name => {
    const body = JSON.stringify({ id: `${name}-000123`, name, text: 'x'.repeat(130), total: 12.5, items: [1, 2, 3] });
    return [`/${name}`, { body, length: String(Buffer.byteLength(body)) }];
  }),
);

createServer((request, response) => {
  const answer = answers.get((request.url ?? '').replace(/\/[0-9]+$/, '')) ?? answers.get('/order');
  response.writeHead(200, ['content-type', 'application/json', 'content-length', answer?.length ?? '0']);
  response.end(answer?.body);
}).listen(Number(process.env.PORT), '127.0.0.1');
