// The floor: node:http and undici's dispatcher with nothing around them, no routes, no
// deadlines, no checks of any kind.
import { createServer } from 'node:http';
import { Agent } from 'undici';

const agent = new Agent({ pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
const origin = process.env.UPSTREAM;

createServer((request, response) => {
  agent.dispatch(
    { origin, path: request.url, method: request.method, headers: { accept: '*/*' } },
    {
      onRequestStart() {},
      onResponseStart(control, status) {
        response.writeHead(status, control.rawHeaders.map(String));
      },
      onResponseData: (_, chunk) => response.write(chunk),
      onResponseEnd: () => response.end(),
      onResponseError: () => response.destroy(),
    },
  );
}).listen(Number(process.env.PORT), '127.0.0.1');
