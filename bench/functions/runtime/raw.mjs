// Raw node:http, the bar: no framework, the same work.
import { createServer } from 'node:http';
import { order } from './payload.mjs';

function answer(response, value) {
  const body = JSON.stringify(value);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

createServer((request, response) => {
  if (request.method === 'GET') return answer(response, order);
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => answer(response, JSON.parse(Buffer.concat(chunks).toString('utf8'))));
}).listen(Number(process.env.PORT), '127.0.0.1');
