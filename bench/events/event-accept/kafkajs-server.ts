// The server that one writes by hand: node:http before a kafkajs producer that sends all requests
// that have come meanwhile as one batch. It checks nothing.
import { createServer } from 'node:http';
import { startBatches } from './kafkajs-batches.ts';

const { append } = await startBatches(process.env['BROKERS']?.split(',') ?? [], 'default.events');
createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    const { headers } = request;
    const fields = Object.fromEntries(
      Object.entries(headers).flatMap(([name, text]) =>
        name.startsWith('ce-') ? [[name.replace('-', '_'), String(text)]] : [],
      ),
    );
    const answer = (status: number) => response.writeHead(status).end();
    append(String(headers['ce-partitionkey']), Buffer.concat(chunks), fields).then(
      () => answer(204),
      () => answer(503),
    );
  });
}).listen(Number(process.env['PORT']), '127.0.0.1');
