// node:http that answers what the cached route answers, from memory,
// without looking at the request.
import { createServer } from 'node:http';

const body = Buffer.from(
  JSON.stringify({ menu: Array.from({ length: 8 }, (_, id) => ({ id, name: 'V60', price: 450 })) }),
);
const head = [
  'content-type',
  'application/json',
  'etag',
  '"menu-1"',
  'cache-control',
  'max-age=60',
  'content-length',
  String(body.length),
  'age',
  '1',
  'cache-status',
  'tenfold; hit; ttl=59',
];
createServer((_request, response) => {
  response.writeHead(200, head);
  response.end(body);
}).listen(Number(process.env.PORT), '127.0.0.1');
