// Entry of a child process that simulates: gets chunks of seeds, answers with reports. Its
// argument says what is simulated.
import { type Chunk, runChunk } from './chunk.ts';
import { findSimulation } from './simulations.ts';

const simulation = findSimulation(process.argv[2] ?? '');

process.on('message', async (chunk: Chunk) => {
  try {
    process.send?.(await runChunk(chunk, await simulation));
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
});
