// How `tenfold strangler show` prints features: a table of all, everything about one.
import { counted } from '../../core/units/counted.ts';
import { formatDuration } from '../../core/units/duration.ts';
import { describePhaseState } from '../../gateway/strangler/phase/phase-state.ts';
import type { SyncReport } from '../../gateway/strangler/phase/sync-status.ts';
import type { FeatureReport } from '../../gateway/strangler/report.ts';
import { inNamespace } from '../events/in-namespace.ts';
import { renderData } from '../output/render.ts';
import { type Column, oneLine, renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { relativeAge } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { type Found, findFeatures, type Wanted } from './find-feature.ts';

export type StranglerFormat = 'table' | 'json' | 'yaml';

type Frame = Pick<Terminal, 'out' | 'columns'>;

/** The list goes to stdout, and the message that it is empty to stderr. */
export async function showStranglers(
  wanted: Wanted,
  client: Pick<AdminClient, 'stranglers'>,
  format: StranglerFormat,
  { out, columns }: Frame,
): Promise<{ readonly data?: string; readonly talk?: string }> {
  const found = await findFeatures(wanted, client);
  const [first] = found;
  const one = wanted.feature !== undefined && found.length === 1 ? first : undefined;
  if (format !== 'table') {
    const { items } = await client.stranglers({ namespace: wanted.namespace });
    const named = items.filter(({ name }) => wanted.strangler === undefined || name === wanted.strangler);
    return { data: renderData(one ? one.feature : { items: named }, format) };
  }
  if (!first) return { talk: 'No features.' };
  if (one) return { data: describeFeature(one, out) };
  return { data: renderTable(featureColumns(out, found), found, columns) };
}

function featureColumns(out: Style, found: readonly Found[]): Column<Found>[] {
  const namespaces = new Set(found.map(({ strangler }) => strangler.namespace)).size > 1;
  return [
    ...(namespaces ? [{ title: 'NAMESPACE', value: ({ strangler }: Found) => strangler.namespace }] : []),
    { title: 'STRANGLER', value: ({ strangler }) => strangler.name },
    { title: 'FEATURE', value: ({ feature }) => feature.name, paint: () => out.bold },
    { title: 'PHASE', value: ({ feature }) => describePhaseState(feature) },
    { title: 'DECLARED', value: ({ feature }) => describePhaseState(feature.declared) },
    { title: 'AGE', value: ({ feature }) => age(feature) },
    { title: 'LEGACY', value: ({ feature }) => feature.sides.legacy.requests },
    { title: 'NEW', value: ({ feature }) => feature.sides.new.requests },
    { title: 'FAILED', value: ({ feature }) => share(feature.sides.new.failed, feature.sides.new.requests) },
    { title: 'DIFFERENT', value: ({ feature }) => share(feature.shadow.mismatched, feature.shadow.compared) },
    ...(found.some(({ feature }) => feature.sync)
      ? [
          {
            title: 'LAG',
            value: ({ feature }: Found) => lagOf(feature.sync),
            paint: ({ feature }: Found) => (feature.sync?.behind === undefined ? undefined : out.red),
          },
        ]
      : []),
    { title: 'NEXT', value: ({ feature }) => feature.promotion?.because ?? 'By hand.' },
  ];
}

function describeFeature({ strangler, feature }: Found, out: Style): string {
  const { methods, path, target, switched, promotion, shadow, moves, sides } = feature;
  const route = `${methods.length === 0 ? 'ANY' : methods.join(',')} ${path} → ${target}`;
  const lines = [
    `Phase      ${describePhaseState(feature)} for ${age(feature)}; the resource says ${describePhaseState(feature.declared)}`,
    ...(switched ? [`Switched   by ${switched.by} at ${switched.at}: ${switched.reason}`] : []),
    `Next       ${promotion?.because ?? 'By hand.'}`,
    ...(feature.sync ? describeSync(feature.sync, strangler.namespace) : []),
  ];
  const sections = [
    [`${out.bold(oneLine(feature.name))}  ${oneLine(route)}`, ...lines.map(oneLine)].join('\n'),
    renderTable(sideColumns, [
      { name: 'legacy', ...sides.legacy },
      { name: 'new', ...sides.new },
    ]),
  ];
  const compared = describeShadow(shadow);
  if (compared.length > 0) sections.push(compared.join('\n'));
  const differences = shadow.examples.flatMap(({ more, ...example }) =>
    example.differences.map((difference, index) => {
      const isLast = more > 0 && index === example.differences.length - 1;
      const note = [difference.note, isLast ? `and ${counted(more, 'more place')}` : undefined].filter(
        each => each !== undefined,
      );
      const { count, method, path, trace } = example;
      return { count, method, path, trace, ...difference, note: note.join('; ') };
    }),
  );
  if (differences.length > 0) sections.push(renderTable(exampleColumns(out), differences));
  if (moves.length > 0) sections.push(renderTable(moveColumns, moves));
  return sections.join('\n\n');
}

function describeShadow(shadow: FeatureReport['shadow']): string[] {
  const { compared, mismatched, masked, measured, uncompared, skipped, noise, placesLeftOut } = shadow;
  const counts = (reasons: Readonly<Record<string, number>>) =>
    Object.entries(reasons)
      .map(([reason, count]) => `${count} ${reason}`)
      .join(', ');
  const [unable, left, places] = [counts(uncompared), counts(skipped), Object.keys(noise)];
  if (compared === 0 && unable === '' && left === '') return [];
  return [
    `Compared   ${compared}, of which ${mismatched} differed (${share(mismatched, compared)})`,
    ...(masked > 0
      ? [`Masked     ${masked} differed only where legacy differs from itself (${share(masked, compared)})`]
      : []),
    ...(unable === '' ? [] : [`Unable     ${unable}: not compared, though they were to be`]),
    ...(left === '' ? [] : [`Skipped    ${left}`]),
    ...(places.length === 0
      ? []
      : [
          `Noise      ${places.map(oneLine).join(', ')}: legacy differs from itself there; it was asked twice for ${counted(measured, 'request')}`,
        ]),
    ...(placesLeftOut ? ['Places     too many to tell apart; name some in ignore, with * for names that vary'] : []),
  ];
}

const sideColumns: Column<FeatureReport['sides']['legacy'] & { readonly name: string }>[] = [
  { title: 'SIDE', value: row => row.name },
  { title: 'REQUESTS', value: row => row.requests },
  { title: 'FAILED', value: row => row.failed },
  { title: 'P50', value: row => milliseconds(row.latency?.p50) },
  { title: 'P95', value: row => milliseconds(row.latency?.p95) },
  { title: 'P99', value: row => milliseconds(row.latency?.p99) },
];

type Example = FeatureReport['shadow']['examples'][number];
type Shown = Pick<Example, 'count' | 'method' | 'path' | 'trace'> & Example['differences'][number];

function exampleColumns(out: Style): Column<Shown>[] {
  return [
    { title: 'COUNT', value: row => row.count },
    { title: 'REQUEST', value: row => `${row.method} ${row.path}` },
    { title: 'PLACE', value: row => row.at, paint: () => out.yellow },
    { title: 'LEGACY', value: row => row.legacy },
    { title: 'NEW', value: row => row.new },
    { title: 'NOTE', value: row => row.note ?? '' },
    { title: 'TRACE', value: row => row.trace },
  ];
}

const moveColumns: Column<FeatureReport['moves'][number]>[] = [
  { title: 'MOVED', value: row => row.at },
  { title: 'FROM', value: row => describePhaseState(row.from) },
  { title: 'TO', value: row => describePhaseState(row.to) },
  { title: 'BY', value: row => row.by },
  { title: 'REASON', value: row => row.reason },
];

function describeSync(sync: SyncReport, namespace: string): string[] {
  const { topic, target, state, lastError, behind, heldKeys, delivered, returned } = sync;
  const to = target === '' ? 'legacy' : target;
  return [
    `Sync       topic ${topic} → ${to}: ${state}, lag ${lagOf(sync)}; ${delivered} written back, ${returned} came from legacy`,
    ...(behind === undefined ? [] : [`Behind     ${behind}`]),
    ...(heldKeys === 0
      ? []
      : [
          `Held       keys of which legacy refuses a change: ${heldKeys}; see "tenfold dead list --held${inNamespace(namespace)}"`,
        ]),
    ...(lastError === undefined ? [] : [`Trouble    ${lastError}`]),
  ];
}

/** Changes that legacy has not got, and the age of the oldest. */
function lagOf(sync: SyncReport | undefined): string {
  if (sync === undefined || sync.state === 'off') return '-';
  if (sync.lag === undefined) return '?';
  return sync.lag === 0 ? '0' : `${sync.lag}, ${relativeAge(sync.ageMs)}`;
}

function age({ elapsedMs }: FeatureReport): string {
  return formatDuration(
    elapsedMs < 60_000 ? Math.floor(elapsedMs / 1000) * 1000 : Math.floor(elapsedMs / 60_000) * 60_000,
  );
}

function share(part: number, whole: number): string {
  return whole === 0 ? '-' : `${Number(((part / whole) * 100).toPrecision(3))}%`;
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '-' : `${ms} ms`;
}
