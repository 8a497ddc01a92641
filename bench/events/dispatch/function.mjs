// A function as cheap as it can be: answers 204, or 500 where the event says so.
import { createServer } from 'node:http';

createServer((request, response) => {
  request.resume();
  const fail = request.headers['ce-fail'];
  const failed = fail === 'always' || (fail === 'once' && request.headers['tenfold-attempt'] === '1');
  response.writeHead(failed ? 500 : 204);
  response.end();
}).listen(Number(process.env.PORT), '127.0.0.1');
