// The size of a cluster for a million events and a hundred thousand requests a second, by the costs
// in bench/results/: writes the tables of docs/scaling.md. `--check` says whether the tables match
// the pages as they are now.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { clusterLoad, limits, prices } from './scaling/assumptions.ts';
import { type Costs, plan } from './scaling/model.ts';
import { figure } from './scaling/read-page.ts';
import {
  assumptionTable,
  brokerTable,
  costTable,
  inputsOf,
  moneyTable,
  partTable,
  saturationTable,
  tenfoldTable,
} from './scaling/tables.ts';

const page = new URL('../../docs/scaling.md', import.meta.url);
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const costs = Object.fromEntries(
  inputsOf.map(({ name, page: from, row, column }) => [name, figure(from, row, column)]),
) as unknown as Costs;
const now = plan({ costs, load: clusterLoad, limits, prices });
const more = {
  ...clusterLoad,
  eventsPerSecond: 10 * clusterLoad.eventsPerSecond,
  requestsPerSecond: 10 * clusterLoad.requestsPerSecond,
};
const later = plan({ costs, load: more, limits, prices });
const tables: Readonly<Record<string, string>> = {
  costs: costTable(costs),
  assumptions: assumptionTable(),
  parts: partTable(now),
  brokers: brokerTable(now),
  money: moneyTable(now),
  saturation: saturationTable(costs),
  tenfold: tenfoldTable(now, later),
};

const before = readFileSync(page, 'utf8');
let after = before;
for (const [name, table] of Object.entries(tables)) {
  const marked = new RegExp(`(<!-- model: ${name} -->\n)[^]*?(<!-- end -->)`);
  if (!marked.test(after)) throw new Error(`docs/scaling.md has no place for the table '${name}'`);
  after = after.replace(marked, (_, begin, end) => `${begin}\n${table}\n\n${end}`);
}
if (!values.check) {
  writeFileSync(page, after);
  console.log(Object.values(tables).join('\n\n'));
} else if (after !== before) {
  console.error(
    'The tables of docs/scaling.md are not those of bench/results/: node --conditions=tenfold-source bench/platform/scaling-model.ts',
  );
  process.exitCode = 1;
}
