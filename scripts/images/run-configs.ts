// The commands that each image starts; the Dockerfile says the same, and a test keeps both equal.
import type { RunConfig } from '../../images/image.ts';
import { HOME } from './application-files.ts';
import { USER } from './base-layer.ts';

export type ImageName = 'platform' | 'function';

const common = { User: String(USER), WorkingDir: '/', StopSignal: 'SIGTERM' } as const;
const variables = ['PATH=/usr/bin', 'HOME=/home/nonroot', 'NODE_ENV=production'];
const node = ['/usr/bin/node', '--disable-warning=ExperimentalWarning'];

export const runConfigs: Readonly<Record<ImageName, RunConfig>> = {
  platform: {
    ...common,
    Entrypoint: [...node, `${HOME}/dist/cli/main.js`],
    Cmd: ['--help'],
    Env: [...variables, 'TENFOLD_DATA=/data'],
    ExposedPorts: { '8080/tcp': {}, '8081/tcp': {}, '9090/tcp': {} },
  },
  function: {
    ...common,
    Entrypoint: [...node, `${HOME}/dist/runtime/main.js`],
    Env: [...variables, 'TENFOLD_FUNCTION=/function/function.mjs.gz', 'PORT=8080'],
    ExposedPorts: { '8080/tcp': {} },
  },
};
