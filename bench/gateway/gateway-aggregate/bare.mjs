// The floor: node:http and undici's dispatcher with nothing around them, no routes, no deadlines,
// no traces, no checks of any kind.
import { createServer } from 'node:http';
import { Agent } from 'undici';

const agent = new Agent({ pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
const origin = process.env.BACKENDS;
const names = ['order', 'customer', 'reviews'];

createServer((request, response) => {
  const id = (request.url ?? '').slice('/invoices/'.length);
  const parts = {};
  let open = names.length;
  for (const name of names) {
    const chunks = [];
    agent.dispatch(
      { origin, path: `/${name}/${id}`, method: 'GET' },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData: (_, chunk) => chunks.push(chunk),
        onResponseEnd() {
          parts[name] = JSON.parse((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString());
          if (--open > 0) return;
          const body = JSON.stringify(parts);
          response.writeHead(200, [
            'content-type',
            'application/json',
            'content-length',
            String(Buffer.byteLength(body)),
          ]);
          response.end(body);
        },
        onResponseError: () => response.destroy(),
      },
    );
  }
}).listen(Number(process.env.PORT), '127.0.0.1');
