// The floor under our own connections: node:http and the transport with nothing around them, no
// routes, no deadlines, no checks of any kind.
import { nodeHttp } from '../../../core/http/node-http.ts';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createTransport } from '../../../gateway/transport/create-transport.ts';
import type { UpstreamControl } from '../../../gateway/transport/transport.ts';

const checkAddress = createAddressCheck({ allowLoopback: true });
const transport = createTransport({ checkAddress, connectTimeoutMs: 2000 });
const origin = process.env['UPSTREAM'] ?? '';

nodeHttp()
  .createServer((request, response) => {
    const { method = 'GET', url: path = '/' } = request;
    transport.send(
      { origin, path, method, headers: ['accept', '*/*'], body: null },
      {
        onRequestStart() {},
        onResponseStart(control: UpstreamControl, status: number) {
          const { rawHeaders } = control;
          response.writeHead(status, Array.isArray(rawHeaders) ? rawHeaders.map(String) : []);
        },
        onResponseData: (_control, chunk) => void response.write(chunk),
        onResponseEnd: () => void response.end(),
        onResponseError: () => void response.destroy(),
      },
    );
  })
  .listen(Number(process.env['PORT']), '127.0.0.1');
