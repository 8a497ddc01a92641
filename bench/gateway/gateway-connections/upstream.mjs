// What stands behind the gateway: 300 bytes of JSON for each request, once its body is there, on
// bare sockets so that it costs next to nothing.
import { createServer } from 'node:net';

const body = JSON.stringify({ menu: Array.from({ length: 8 }, (_, id) => ({ id, name: 'V60', price: 450 })) });
const head = ['HTTP/1.1 200 OK', 'content-type: application/json', `content-length: ${Buffer.byteLength(body)}`];
const answer = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
const END = '\r\n\r\n';

createServer({ noDelay: true }, socket => {
  let open = '';
  socket.on('data', chunk => {
    open += chunk.toString('latin1');
    for (let end = endOf(open); end !== undefined; end = endOf(open)) {
      open = open.slice(end);
      socket.write(answer);
    }
  });
  socket.on('error', () => socket.destroy());
}).listen(Number(process.env.PORT), '127.0.0.1');

/** Where the first request ends; undefined while it is not whole. */
function endOf(text) {
  const end = text.indexOf(END);
  if (end === -1) return undefined;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
  return text.length < end + END.length + length ? undefined : end + END.length + length;
}
