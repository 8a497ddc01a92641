// The least that node:http can do: answers nothing at all, with a length so that the
// load generator can count.
import { createServer } from 'node:http';

createServer((_request, response) => {
  response.writeHead(200, ['content-length', '0']);
  response.end();
}).listen(Number(process.env.PORT), '127.0.0.1');
