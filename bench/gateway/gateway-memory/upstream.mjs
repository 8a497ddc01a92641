// An upstream for streams: GET /…/<megabytes> sends that many, of unknown length; POST counts what
// it gets; anything else is small.
import { createServer } from 'node:http';

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

createServer((request, response) => {
  if (request.method === 'POST') {
    let bytes = 0;
    request.on('data', chunk => {
      bytes += chunk.length;
    });
    request.on('end', () => response.end(String(bytes)));
    return;
  }
  let left = Number(/\/stream-(\d+)$/.exec(request.url)?.[1] ?? 0);
  const send = () => {
    while (left > 0) {
      left--;
      if (!response.write(MEGABYTE)) return;
    }
    response.end();
  };
  response.on('drain', send);
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  send();
}).listen(Number(process.env.PORT), '127.0.0.1');
