// The page of an Api has its routes, and says which of all routes takes a request and why.
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { allOf } from '../../../api/heard.ts';
import { useLive } from '../../../api/live.ts';
import { Table } from '../../../parts/table.tsx';
import { View } from '../../../parts/view.tsx';
import type { KindPartProps } from '../kind-props.ts';
import { routeColumns, routeKey } from '../route-columns.tsx';
import { Explain } from './explain.tsx';

export function ApiPart({ namespace, name }: KindPartProps) {
  const routes = useLive(`routes of ${namespace}/${name}`, signal => ask(endpoints.routes, { params: {} }, signal), {
    on: allOf({ kind: 'Api', namespace, name }),
  });
  return (
    <>
      <section class="section">
        <h2>Routes</h2>
        <View of={routes}>
          {({ items }) => {
            const own = items.filter(each => each.kind === 'Api' && each.namespace === namespace && each.name === name);
            return own.length === 0 ? (
              <p class="muted">None of its routes is in force: its conditions say why.</p>
            ) : (
              <Table columns={routeColumns(false)} rows={own} keyOf={routeKey} />
            );
          }}
        </View>
      </section>
      <Explain />
    </>
  );
}
