// One gateway or worker of `npm run demo -- --distributed`: as the command runs them, but it
// follows changes, since one sample deploys something while it runs.
import { runApplication } from '../cli/application/run-application.ts';
import { createLogReporter } from '../cli/serve/log-reporter.ts';
import { loadConfig } from '../server/config/load.ts';
import { settingReports } from '../server/config/setting-reports.ts';

const [, , role, directory = '.'] = process.argv;
if (role !== 'gateway' && role !== 'worker') throw new Error('Usage: demo-process.ts gateway|worker DIR');

const anyPort = ['public.port', 'internal.port', 'admin.port'].map(path => ({ path, value: 0, option: 'the demo' }));
const loaded = loadConfig({ role, env: process.env, cwd: process.cwd(), options: anyPort });
const { config, problems, secretFiles } = loaded;
if (!config) throw new Error(problems.map(({ message }) => message).join('\n'));
const print = (line: string) => void process.stdout.write(`${line}\n`);
const reporter = createLogReporter({ print }, config.logLevel, () => new Date());
await runApplication({ role, directory, watch: true, config, secretFiles, settings: settingReports(loaded), reporter });
