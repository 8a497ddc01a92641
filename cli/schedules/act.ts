// `tenfold schedules pause`, `resume` and `run`.
import { inNamespace } from '../events/in-namespace.ts';
import type { ListFormat } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';
import { findSchedule } from './find-schedule.ts';
import { scheduleNameOf } from './schedule-name.ts';

export interface ScheduleOrder {
  readonly action: 'pause' | 'resume' | 'run';
  readonly schedule: string | undefined;
  readonly namespace: string | undefined;
  readonly format: ListFormat;
}

export async function actOnSchedule(
  { action, schedule, namespace, format }: ScheduleOrder,
  client: Pick<AdminClient, 'schedules' | 'changeSchedule'>,
  terminal: Terminal,
): Promise<void> {
  const found = await findSchedule(schedule, namespace, client);
  const after = await client.changeSchedule(found, action);
  const name = scheduleNameOf(after);
  if (format === 'json' || format === 'yaml') return terminal.print(renderData(after, format));
  if (format === 'name') return terminal.print(name);
  const where = inNamespace(after.namespace);
  if (action === 'pause') {
    terminal.print(`${name}: paused`);
    return terminal.say(`Nothing runs until "tenfold schedules resume ${name}${where}".`);
  }
  if (action === 'resume') {
    const [next] = after.next;
    return terminal.print(`${name}: ${next === undefined ? 'nothing is due any more' : `runs next at ${next}`}`);
  }
  const [run] = after.runs.filter(({ cause }) => cause === 'asked');
  if (run === undefined) terminal.print(`${name}: the run waits`);
  else if (run.outcome === 'refused') terminal.print(`${name}: refused: ${run.error ?? 'no reason was told'}`);
  else terminal.print(`${name}: ${run.job === undefined ? `published as ${run.place}` : `began job ${run.job}`}`);
  if (run?.job !== undefined) {
    const command = after.kind === 'Queue' ? 'jobs' : 'fanouts';
    terminal.say(`Follow it with "tenfold ${command} wait ${after.name} ${run.job}${where}".`);
  }
}
