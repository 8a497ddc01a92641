#!/usr/bin/env node
// The entry of `npm create tenfold`. It imports nothing before it knows that this Node.js can run
// the rest.
const MINIMUM_NODE = 24;

const major = Number.parseInt(process.versions.node, 10);
if (major < MINIMUM_NODE) {
  process.stderr.write(
    `error: create-tenfold needs Node.js ${MINIMUM_NODE} or newer, and this is ${process.version}.\n` +
      `Next: install Node.js ${MINIMUM_NODE} from https://nodejs.org, and run the same command again.\n`,
  );
  process.exitCode = 2;
} else {
  const { runProcess } = await import('./run.ts');
  await runProcess();
}
