// Entry of a child process that simulates: gets chunks of seeds, answers with reports. Its
// argument says what is simulated.
import { flushCompileCache } from 'node:module';
import { type Chunk, runChunk } from './chunk.ts';
import { findSimulation } from './simulations.ts';

const simulation = findSimulation(process.argv[2] ?? '');

// It is killed in the end, and would write nothing then: what loads next compiles half as much.
simulation.then(
  () => flushCompileCache(),
  () => {},
);

process.on('message', async (chunk: Chunk) => {
  try {
    process.send?.(await runChunk(chunk, await simulation));
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
});
