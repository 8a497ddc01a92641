// Tells on its output which requests node:http saw to their end: one JSON document a line, after a line with its port.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  let length = 0;
  request.on('error', () => {});
  request.on('data', chunk => {
    length += chunk.length;
  });
  request.on('end', () => {
    console.log(JSON.stringify({ method: request.method, target: request.url, length }));
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
