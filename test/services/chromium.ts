// Chromium for tests of the Console: a program of this machine, driven by playwright-core.
import { spawnSync } from 'node:child_process';
import { chromium as driver } from 'playwright-core';
import type { ServiceKind } from './service.ts';

/** Debian and Ubuntu call it differently; its own build is the same program. */
const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];

/** Its URL is what `connect` of playwright takes. */
export const chromium: ServiceKind = {
  name: 'Chromium',
  variable: 'TENFOLD_TEST_CHROMIUM',
  isInstalled: () => programOf() !== undefined,
  async start() {
    const executablePath = programOf();
    if (executablePath === undefined) throw new Error('Chromium is not installed; run "make install-services".');
    // Root, as in containers, has no sandbox of its own.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const server = await driver.launchServer({ executablePath, args: [...args, '--disable-dev-shm-usage'] });
    return { url: server.wsEndpoint(), stop: () => server.close() };
  },
};

function programOf(): string | undefined {
  for (const name of PROGRAMS) {
    const { stdout, status } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}
