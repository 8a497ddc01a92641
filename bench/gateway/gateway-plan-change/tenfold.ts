// The whole platform, following the resources in DIRECTORY, as `tenfold serve --watch` runs it.
import { createLogReporter } from '../../../cli/serve/log-reporter.ts';
import { startPlatform } from '../../../server/platform.ts';

const { DIRECTORY = '', PORT } = process.env;
const print = (line: string) => void process.stdout.write(`${line}\n`);
await startPlatform({
  directory: DIRECTORY,
  watch: true,
  host: '127.0.0.1',
  ports: { public: Number(PORT), internal: 0, admin: 0 },
  events: createLogReporter({ print }, 'warn', () => new Date()).events,
});
