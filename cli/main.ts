#!/usr/bin/env node
// The entry of the `tenfold` command. It imports nothing before it knows that this
// Node.js can run the rest.
const MINIMUM_NODE = 24;

const major = Number.parseInt(process.versions.node, 10);
if (major < MINIMUM_NODE) {
  process.stderr.write(
    `error: tenfold needs Node.js ${MINIMUM_NODE} or newer, and this is ${process.version}.\n` +
      `Next: run "npm install --save-dev node@${MINIMUM_NODE}" in your project and start tenfold through an npm script, or install Node.js ${MINIMUM_NODE} from https://nodejs.org.\n`,
  );
  process.exitCode = 2;
} else {
  const { leanArguments } = await import('./lean-heap.ts');
  const again = leanArguments(process);
  // Takes the place of this process, under its id; it is not there in every build of Node.
  if (again) process.execve?.(again[0] ?? process.execPath, again, process.env);
  const { runProcess } = await import('./run.ts');
  await runProcess();
}
