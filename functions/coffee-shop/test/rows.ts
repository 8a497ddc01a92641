// The rows of a View in a test: events change them, and questions are
// answered as the platform does.
import { type CloudEvent, problem } from 'tenfold';

type Row = Readonly<Record<string, unknown>>;

export interface Rows {
  /** As a topic of a test context. */
  fold(event: Pick<CloudEvent, 'data' | 'type'>): void;
  /** Answers as a View of one index, whose last member orders, and those before it choose. */
  ask(params: Readonly<Record<string, string>>): unknown;
}

/** `deletes`: events of this type take a row out. */
export function createRows(key: string, deletes?: string): Rows {
  const rows = new Map<string, Row>();
  return {
    fold({ data, type }) {
      const row = data as Row;
      if (type === deletes) rows.delete(String(row[key]));
      else rows.set(String(row[key]), row);
    },
    ask(params) {
      if (params['key'] !== undefined) {
        const row = rows.get(params['key']);
        if (row === undefined) throw problem(404, { detail: 'There is no such row.' });
        return row;
      }
      const members = (params['index'] ?? '').split(',');
      const by = members.at(-1) ?? '';
      const found = [...rows.values()]
        .filter(row => params['value'] === undefined || String(row[members[0] ?? '']) === params['value'])
        .sort((a, b) => (String(a[by]) < String(b[by]) ? -1 : 1));
      if (params['order'] === 'desc') found.reverse();
      return { items: found.map(value => ({ key: String(value[key]), value })) };
    },
  };
}
