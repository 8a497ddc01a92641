// Asks a running platform to read the contents of all its objects, wherever they are kept,
// and to repair what can be.
import type {
  DamagedObject,
  ObjectCheck,
  ObjectRepair,
  UnknownObject,
  UnknownObjects,
} from '../../admin/object-view.ts';
import { counted } from '../../core/units/counted.ts';
import { exitCodes } from '../exit-codes.ts';
import { createProgress } from '../output/progress.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { brokenOff, toLineError } from '../platform/failed-line.ts';
import type { Terminal } from '../terminal.ts';

export interface OnlineRequest {
  readonly repair: boolean;
  readonly dryRun: boolean;
  readonly format: 'table' | 'json' | 'yaml';
}

type Client = Pick<AdminClient, 'checkObjects' | 'repairObjects'>;

export async function doctorOnline(client: Client, request: OnlineRequest, terminal: Terminal): Promise<void> {
  const { damaged, unknown } = await check(client, terminal);
  const repairs = request.repair && damaged.length > 0 ? await repair(client, request.dryRun, terminal) : undefined;
  const { renderData } = await import('../output/render.ts');
  if (request.format !== 'table') terminal.print(renderData({ damaged, unknown, repairs }, request.format));
  const left = damaged.length - (repairs ?? []).filter(({ kind }) => kind === 'made').length;
  if (left === 0) return;
  terminal.exitCode = exitCodes.invalid.code;
  if (!request.repair)
    terminal.say(`${terminal.err.cyan('Next:')} see what can be repaired with "tenfold doctor --repair --dry-run".`);
}

interface Found {
  readonly damaged: readonly DamagedObject[];
  readonly unknown: UnknownObjects;
}

async function check(client: Client, terminal: Terminal): Promise<Found> {
  const progress = createProgress('objects read', terminal);
  const damaged: DamagedObject[] = [];
  const objects: UnknownObject[] = [];
  let count: number | undefined;
  try {
    for await (const line of client.checkObjects()) {
      if (line.kind === 'failed') throw toLineError(line);
      if (line.kind === 'checking') progress.update(line.objects, undefined);
      else progress.end();
      if (line.kind === 'unknown') objects.push(line.object);
      if (line.kind === 'damaged') {
        damaged.push(line.object);
        terminal.say(`${terminal.err.red('damaged:')} ${ownerText(line.object)}\n  ${line.object.reason}`);
      }
      if (line.kind !== 'checked') continue;
      count = line.unknown;
      terminal.say(verdictOf(line, damaged.filter(({ owner }) => owner.kind === 'unknown').length));
      if (count > 0) terminal.say(`${terminal.err.yellow('unknown:')} ${unknownText({ count, objects })}`);
    }
  } finally {
    progress.end();
  }
  if (count === undefined) throw brokenOff('the other objects are sound');
  return { damaged, unknown: { count, objects } };
}

async function repair(client: Client, dryRun: boolean, terminal: Terminal): Promise<readonly ObjectRepair[]> {
  const repairs: ObjectRepair[] = [];
  const words = { possible: 'would repair:', made: 'repaired:', lost: 'lost:' } as const;
  for await (const line of client.repairObjects({ dryRun })) {
    if (line.kind === 'failed') throw toLineError(line);
    repairs.push(line);
    const paint = line.kind === 'lost' ? terminal.err.red : terminal.err.green;
    terminal.say(`${paint(words[line.kind])} ${ownerText(line.object)}\n  ${line.message}`);
  }
  return repairs;
}

function ownerText({ owner: { kind, namespace, name, what }, key }: UnknownObject): string {
  const owner =
    kind === 'unknown'
      ? what
      : kind === 'object'
        ? `${what} in ${namespace}`
        : `${what} of ${kind} ${namespace}/${name}`;
  return `${owner} (${key})`;
}

type Checked = Extract<ObjectCheck, { kind: 'checked' }>;

/** `nobodys`: the damaged ones that no resource is known for. */
function verdictOf({ objects, bytes, damaged, unknown }: Checked, nobodys: number): string {
  const read = `${counted(objects, 'object')} with ${Math.ceil(bytes / 2 ** 20)} MiB were read`;
  if (damaged === 0) return `${read}; ${unknown > 0 ? 'none is known to be damaged' : 'all are as they were written'}.`;
  const verdict = `${read}; ${damaged} ${damaged === 1 ? 'is' : 'are'} damaged.`;
  if (nobodys === 0) return verdict;
  const those = `No resource is known for ${nobodys === damaged ? (damaged === 1 ? 'it' : 'any of them') : `${nobodys} of them`}`;
  return `${verdict} ${those}: this version neither reads nor writes such objects. Delete them from the blob store if no other program needs them.`;
}

function unknownText({ count, objects }: UnknownObjects): string {
  const [has, them] = count === 1 ? ['has', 'it'] : ['have', 'them'];
  const beyond = count - objects.length;
  return [
    `${counted(count, 'object')} ${has} no checksum, so damage to ${them} does not show.`,
    ...objects.map(object => `  ${ownerText(object)}`),
    ...(beyond === 0 ? [] : [`  and ${beyond} more`]),
    `  Another program wrote ${them} into the bucket, or copied ${them} without a checksum. Compare ${them} with the source, then write ${them} again with a checksum (x-amz-checksum-crc32).`,
  ].join('\n');
}
