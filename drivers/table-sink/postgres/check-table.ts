// Whether a table can be a sink, looked at before the first row: it says what is missing, with the
// statement that mends it.
import { quotedName, quotedTable } from '../../postgres/names.ts';
import { type Session, stateOf, unusable } from '../../postgres/session.ts';
import {
  type Column,
  describeColumns,
  findUniqueIndex,
  type PositionStatements,
  type SinkTable,
} from './statements.ts';

/** Answers with the columns that are written. */
export async function checkTable(session: Session, { table, key, columns }: SinkTable): Promise<Column[]> {
  const all = (await session.ask(describeColumns(table), [])).map(([name, type, isNeeded]) => {
    return { name: String(name), type: String(type), isNeeded: isNeeded === true };
  });
  if (all.length === 0) throw unusable(`There is no table "${table}" that the user may see.`);
  const known = columns.map(name => {
    const column = all.find(each => each.name === name);
    if (column) return column;
    const names = all.map(each => each.name).join(', ');
    throw unusable(`The table "${table}" has no column "${name}". Its columns are ${names}.`);
  });
  const needed = all.find(({ name, isNeeded }) => isNeeded && !columns.includes(name));
  if (needed) {
    throw unusable(
      `Each row of the table "${table}" needs a value of "${needed.name}". Add it to the columns of the sink, or give it a default.`,
    );
  }
  const found = await session.ask(findUniqueIndex(table), [key]);
  if (found.length === 0) {
    const index = `CREATE UNIQUE INDEX ON ${quotedTable(table)} (${key.map(quotedName).join(', ')})`;
    throw unusable(
      `The table "${table}" may have two rows with the same ${key.join(', ')}, so an event that comes again would make a second row. Forbid that: ${index}.`,
    );
  }
  return known;
}

/** Other processes may make it at the same time: one of them does. */
export async function ensurePositions(
  session: Session,
  positions: string,
  { isThere, create }: Pick<PositionStatements, 'isThere' | 'create'>,
): Promise<void> {
  const [[found] = []] = await session.ask(isThere, []);
  if (found === true) return;
  try {
    await session.run(create);
  } catch (error) {
    if (MADE_MEANWHILE.has(stateOf(error))) return;
    if (stateOf(error) !== NO_RIGHT) throw error;
    throw unusable(
      `The table "${positions}", in which the platform keeps how far it has come, is not there, and the user may not create it. Do so, and let the user SELECT, INSERT and UPDATE it: ${create}.`,
    );
  }
}

const MADE_MEANWHILE = new Set(['42P07', '23505']);
const NO_RIGHT = '42501';
