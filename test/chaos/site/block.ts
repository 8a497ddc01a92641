// Loaded before everything else into the processes of the site: at SIGUSR2 code keeps their only
// thread busy, for as many milliseconds as the file says that the environment names.
import { readFileSync } from 'node:fs';

process.on('SIGUSR2', () => {
  const until = performance.now() + Number(readFileSync(process.env['CHAOS_BLOCK'] ?? '', 'utf8'));
  while (performance.now() < until);
});
