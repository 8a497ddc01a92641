// A whole platform in a process of its own, for tests that kill or pause it: its state in the
// Redis that the arguments name.
import { startPlatform } from '../../../server/platform.ts';

const [directory = '', dataDirectory = '', url = '', prefix = ''] = process.argv.slice(2);
const platform = await startPlatform({
  directory,
  dataDirectory,
  watch: false,
  host: '127.0.0.1',
  ports: { public: 0, internal: 0, admin: 0 },
  services: { store: { redis: { urls: [url], mode: 'single', prefix } } },
  events: { refused: problems => process.stderr.write(JSON.stringify(problems)) },
});
process.send?.({ kind: 'ready', public: platform.addresses.public, admin: platform.addresses.admin });
// When whoever started it is gone, by SIGKILL too.
process.on('disconnect', () => process.exit());
process.on('message', () => {
  void platform.close(5_000).then(() => process.exit());
});
