// Tells on its output which requests node:http saw to their end: one JSON document a line,
// after a line with its port.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  let length = 0;
  request.on('error', () => {});
  request.on('data', chunk => {
    length += chunk.length;
  });
  request.on('end', () => {
    const { method, url: target, rawHeaders } = request;
    const fields = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1]]] : []));
    console.log(JSON.stringify({ method, target, length, fields }));
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
