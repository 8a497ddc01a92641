// The operator with a thousand resources: the time until all are ready, its writes, its memory and
// CPU, and that it writes nothing when nothing changes. `--idle 10` for a quick look; the bar's ten
// minutes are in `make test-nightly`. It runs over a real API server with Kubernetes' own
// controllers.
import { parseArgs } from 'node:util';
import { removeTempFolders } from '../../test/cli/temp-folder.ts';
import type { ControlPlane } from '../../test/cluster/control-plane.ts';
import { buildCli, type OperatorProcess, startOperatorProcess } from '../../test/cluster/operator/operator-process.ts';
import { CONTROLLERS, startPlane } from '../../test/cluster/operator/operators.ts';
import { loadNow } from '../measure/machine.ts';
import { cpuMsOf } from '../measure/proc.ts';
import { median, publish, toTable } from '../measure/report.ts';
import {
  AT_ONCE,
  applyAll,
  functionOf,
  functionsAndSubscriptions,
  theRest,
  untilReady,
  type Wanted,
} from './operator/many.ts';
import { type Written, writesSince } from './operator/writes.ts';

const { values } = parseArgs({
  options: { idle: { type: 'string', default: '60' }, changes: { type: 'string', default: '15' } },
});
const idleSeconds = Number(values.idle);
const READY_WITHIN_MS = 180_000;
const QUIET_MS = 2000;
const BARS = { bytes: 150e6, writes: 0 };

let plane: ControlPlane | undefined;
let operator: OperatorProcess | undefined;
try {
  plane = await startPlane();
  await plane.startControllers(CONTROLLERS);
  buildCli();
  operator = await startOperatorProcess(plane);
  const first = await bring(plane, operator, functionsAndSubscriptions);
  const second = await bring(plane, operator, theRest);
  const bytes = await operator.residentBytes();

  const changes: number[] = [];
  for (let change = 0; change < Number(values.changes); change++) {
    const one = { kind: 'Function' as const, name: 'function-7', spec: functionOf(`change-${change}`) };
    changes.push((await bring(plane, operator, [one])).deployedMs);
  }
  const idle = await rest(plane, operator);

  await operator.end('SIGTERM');
  const from = plane.audit().length;
  const began = performance.now();
  operator = await startOperatorProcess(plane);
  const leadsMs = performance.now() - began;
  await settled(operator);
  const again = writesSince(plane, from);
  const anew = { leadsMs, ms: performance.now() - began - QUIET_MS, cpuMs: cpuMsOf(pidOf(operator)), again };

  const number = (value: number) => Math.round(value).toLocaleString('en');
  const said = (holds: boolean) => (holds ? 'met' : 'missed');
  const all = functionsAndSubscriptions.length + theRest.length;
  publish('operator', 'The operator with a thousand resources', [
    `\`tenfold operator\` as it ships, over the API server of Kubernetes 1.35 with the controllers of Deployments and ReplicaSets, all on this machine; what a kubelet would say of pods is said by the script. Applied by ${AT_ONCE} connections at once.`,
    toTable(
      [
        'applied at once',
        'until applied, ms',
        'until all are ready and told of, ms',
        'CPU of the operator, ms',
        'writes',
        'a resource',
      ],
      [
        ['200 Functions, 500 Subscriptions, 1 Topic', first, functionsAndSubscriptions.length],
        ['then 100 Topics, 100 Apis, 99 Queues', second, theRest.length],
      ].map(([name, found, count]) => {
        const { appliedMs, ms, cpuMs, written } = found as Brought;
        return [
          String(name),
          number(appliedMs),
          number(ms),
          number(cpuMs),
          number(written.total),
          (written.total / Number(count)).toFixed(1),
        ];
      }),
    ),
    `What it wrote: ${told([first.written, second.written])}.`,
    toTable(
      ['with all of them there', 'measured', 'bar', ''],
      [
        ['resident memory, MB', number(bytes / 1e6), '150', said(bytes <= BARS.bytes)],
        [
          `writes while nothing changes, ${number(idleSeconds)} s, without its Lease`,
          number(idle.written.total),
          '0',
          said(idle.written.total === BARS.writes),
        ],
        ['its CPU meanwhile, cores', (idle.cpuMs / 1000 / idleSeconds).toFixed(4), '', ''],
        ['resident memory after that, MB', number(idle.bytes / 1e6), '150', said(idle.bytes <= BARS.bytes)],
        [
          `a Function's new image until its Deployment has it, ms (median of ${changes.length})`,
          number(median(changes)),
          '',
          '',
        ],
        ['started anew: until it leads, ms', number(anew.leadsMs), '', ''],
        ['started anew: until all were looked at, ms', number(anew.ms), '', ''],
        ['started anew: its CPU, ms', number(anew.cpuMs), '', ''],
        ['started anew: writes', number(anew.again.total), '0', said(anew.again.total === BARS.writes)],
      ],
    ),
    `${all.toLocaleString('en')} resources. ${loadNow()}`,
  ]);
} finally {
  operator?.child.kill('SIGKILL');
  await plane?.close();
  removeTempFolders();
}

interface Brought {
  readonly appliedMs: number;
  /** From the first apply to the last thing that the operator wrote. */
  readonly ms: number;
  /** From the first apply to the first Deployment that was written. */
  readonly deployedMs: number;
  readonly cpuMs: number;
  readonly written: Written;
}

async function bring(on: ControlPlane, by: OperatorProcess, wanted: readonly Wanted[]): Promise<Brought> {
  const from = on.audit().length;
  const cpu = cpuMsOf(pidOf(by));
  const began = Date.now();
  await applyAll(on, wanted);
  const appliedMs = Date.now() - began;
  await untilReady(on, wanted, READY_WITHIN_MS);
  await settled(by);
  const written = writesSince(on, from);
  const after = (at: number | undefined) => (at ?? Number.NaN) - began;
  return {
    appliedMs,
    ms: after(written.lastAt),
    deployedMs: after(written.deployedAt),
    cpuMs: cpuMsOf(pidOf(by)) - cpu,
    written,
  };
}

async function rest(on: ControlPlane, by: OperatorProcess) {
  const from = on.audit().length;
  const cpu = cpuMsOf(pidOf(by));
  await new Promise(resolve => setTimeout(resolve, idleSeconds * 1000));
  return { written: writesSince(on, from), cpuMs: cpuMsOf(pidOf(by)) - cpu, bytes: await by.residentBytes() };
}

/** Resolves when it has looked at nothing for a while. */
async function settled(by: OperatorProcess): Promise<void> {
  const looks = async () => {
    const text = await (await fetch(`${by.admin}/metrics`)).text();
    return /^tenfold_operator_reconciles_total (\d+)$/m.exec(text)?.[1];
  };
  for (let before: string | undefined, now = await looks(); before !== now || now === '0'; ) {
    await new Promise(resolve => setTimeout(resolve, QUIET_MS));
    before = now;
    now = await looks();
  }
}

function pidOf({ child }: OperatorProcess): number {
  if (child.pid === undefined) throw new Error('The operator has no process.');
  return child.pid;
}

function told(all: readonly Written[]): string {
  const counts = new Map<string, number>();
  for (const { counts: some } of all)
    for (const [call, count] of some) counts.set(call, (counts.get(call) ?? 0) + count);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([call, count]) => `${call} ${count.toLocaleString('en')}`)
    .join(', ');
}
