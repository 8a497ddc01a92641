// A running `tenfold dev` or `tenfold serve` over a small application.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type CliOptions, collect, startCli } from './run-cli.ts';
import { until } from './until.ts';

export const APP_YAML = `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: greeter }
spec: { source: ./greeter.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: hello }
spec:
  basePath: /hello
  routes:
    - match: { method: GET, path: /:name }
      to: { function: greeter }
`;

export const GREETER = `import { http } from 'tenfold';
export default http({
  'GET /:name': (request, context) => {
    context.logger.info('greeted', { name: request.params.name });
    console.log('raw line');
    return { greeting: \`Hello, \${request.params.name}!\` };
  },
});
`;

/** Takes so long to answer; it has written its raw line when it begins to wait. */
export const SLOW_GREETER = (ms: number) =>
  GREETER.replace("'GET /:name': (", "'GET /:name': async (").replace(
    'return {',
    `await new Promise(done => setTimeout(done, ${ms}));\n    return {`,
  );

export const FREE_PORTS = ['--port', '0', '--internal-port', '0', '--admin-port', '0'];

export interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  stdout(): string;
  stderr(): string;
  /** Resolves with the exit code. */
  readonly closed: Promise<number | null>;
  /** Sends a signal and resolves with the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

const children = new Set<ChildProcess>();

/** `address` finds the public address in what was written so far. */
export async function startApplication(
  words: readonly string[],
  cwd: string,
  address: RegExp,
  options: Pick<CliOptions, 'detached' | 'env'> = {},
): Promise<Running> {
  const child = startCli([...words, ...FREE_PORTS], { cwd, ...options });
  children.add(child);
  const closed = once(child, 'close').then(([code]): number | null => {
    children.delete(child);
    return code;
  });
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
  const url = await until(`it listens (it said: ${stdout()} ${stderr()})`, () => address.exec(stdout())?.[1]);
  return {
    child,
    url,
    stdout,
    stderr,
    closed,
    end(signal) {
      child.kill(signal);
      return closed;
    },
  };
}

/** To be called in `afterEach`: a test that failed half-way leaves nothing behind. */
export function endApplications(): void {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
}
