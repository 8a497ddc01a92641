// The page of an Api has its routes and its OpenAPI document, sends requests, and says which of all
// routes takes one and why.
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { allOf } from '../../../api/heard.ts';
import { useLive } from '../../../api/live.ts';
import { JsonTree } from '../../../parts/json-tree.tsx';
import { saveFile } from '../../../parts/save-file.ts';
import { Table } from '../../../parts/table.tsx';
import { View } from '../../../parts/view.tsx';
import type { KindPartProps } from '../kind-props.ts';
import { routeColumns, routeKey } from '../route-columns.tsx';
import { Explain } from './explain.tsx';
import { RequestForm } from './request-form.tsx';

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
      <Described namespace={namespace} name={name} />
      <Explain />
    </>
  );
}

function Described({ namespace, name }: Pick<KindPartProps, 'namespace' | 'name'>) {
  const params = { namespace, name };
  const document = useLive(`openapi of ${namespace}/${name}`, signal => ask(endpoints.openApi, { params }, signal), {
    on: allOf({ kind: 'Api', namespace, name }),
  });
  return (
    <View of={document}>
      {data => (
        <>
          <RequestForm namespace={namespace} name={name} document={data} />
          <section class="section">
            <div class="section-head">
              <h2>OpenAPI document</h2>
              <button
                type="button"
                class="button"
                onClick={() => saveFile(`${name}.openapi.json`, 'application/json', JSON.stringify(data, undefined, 2))}
              >
                Save it
              </button>
            </div>
            <p class="muted">
              The admin API has it at <code>{`/api/apis/${namespace}/${name}/openapi.json`}</code>, for viewers.
            </p>
            <details>
              <summary>Look at it</summary>
              <JsonTree value={data} />
            </details>
          </section>
        </>
      )}
    </View>
  );
}
