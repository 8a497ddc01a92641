// One side behind the facade: an order of 300 bytes, its members in the order that SIDE says.
import { createServer } from 'node:http';

const order = { id: 17, customer: 'ada', total: 13.05, createdAt: '2026-11-25T00:00:00.000Z', note: 'x'.repeat(160) };
const members = Object.entries(order);
const body = JSON.stringify(Object.fromEntries(process.env.SIDE === 'new' ? members.reverse() : members));
const length = String(Buffer.byteLength(body));

createServer((_request, response) => {
  response.writeHead(200, ['content-type', 'application/json', 'content-length', length]);
  response.end(body);
}).listen(Number(process.env.PORT), '127.0.0.1');
