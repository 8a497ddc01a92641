// Entry of a child process of the runner: gets chunks, answers with reports.
import { createConsumer } from '../consumers/all.ts';
import { type Chunk, runChunk } from './chunk.ts';

const consumer = createConsumer(process.argv[2] ?? '');

process.on('message', (chunk: Chunk) => {
  runChunk(chunk, consumer).then(
    report => process.send?.(report),
    error => {
      console.error(error);
      process.exit(1);
    },
  );
});
