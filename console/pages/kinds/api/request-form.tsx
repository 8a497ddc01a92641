// Sends a request to an Api: fields for what an operation takes, and the answer as clients get it.
import { useId, useState } from 'preact/hooks';
import type { FunctionAnswer } from '../../../../admin/asking/ask-view.ts';
import type { OpenApiDocument } from '../../../../gateway/openapi/document.ts';
import type { Parameter } from '../../../../gateway/openapi/operation.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { Act } from '../../../parts/act.tsx';
import { navigate, query, withQuery } from '../../../shell/router.ts';
import { ANSWERS_MS, CallAnswer } from '../call-answer.tsx';
import { toRequest } from '../function/to-request.ts';
import type { KindPartProps } from '../kind-props.ts';
import { exampleOf } from './example-of.ts';
import { baseOf, keyOfField, operationsOf, type ShownOperation, toCallForm } from './operations-of.ts';

export function RequestForm(props: Pick<KindPartProps, 'namespace' | 'name'> & { readonly document: OpenApiDocument }) {
  const { document } = props;
  const operations = operationsOf(document);
  const said = query.value.get('operation');
  const chosen = operations.find(({ title }) => title === said) ?? operations[0];
  if (chosen === undefined) return null;
  return (
    <section class="section">
      <h2>Send a request</h2>
      <p class="muted">
        It goes through the listener, as a client's does: the Api asks for the same credentials. The audit log says who
        sent it.{credentialWords(document)}
      </p>
      <div class="call">
        <label class="stack call-text">
          Operation
          <select
            value={chosen.title}
            onChange={event => navigate(withQuery({ operation: event.currentTarget.value }), 'replace')}
          >
            {operations.map(({ title, summary }) => (
              <option key={title} value={title}>
                {summary === undefined ? title : `${title}: ${summary}`}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Fields key={chosen.title} {...props} operation={chosen} />
    </section>
  );
}

interface Scheme {
  readonly type?: string;
  readonly name?: string;
}

/** The ways in which callers show who they are. */
function credentialWords({ components }: OpenApiDocument): string {
  const { securitySchemes = {} } = components as { readonly securitySchemes?: Readonly<Record<string, Scheme>> };
  const ways = Object.values(securitySchemes).map(({ type, name }) =>
    type === 'apiKey' ? `an API key in the header ${name}` : 'a token in the header authorization',
  );
  return ways.length === 0 ? '' : ` Callers show ${ways.join(' or ')}.`;
}

function Fields(props: {
  readonly namespace: string;
  readonly name: string;
  readonly document: OpenApiDocument;
  readonly operation: ShownOperation;
}) {
  const { namespace, name, document, operation } = props;
  const { parameters, bodySchema, takesBody } = operation;
  const [values, setValues] = useState(() =>
    Object.fromEntries(parameters.map(each => [keyOfField(each), textOf(firstOf(each))])),
  );
  const [headers, setHeaders] = useState('');
  const [body, setBody] = useState(() => bodyOf(bodySchema));
  const [answer, setAnswer] = useState<FunctionAnswer | undefined>(undefined);
  const send = async () => {
    setAnswer(undefined);
    const asked = toRequest(toCallForm(baseOf(document), operation, { values, headers, body }));
    const params = { namespace, name };
    setAnswer(await ask(endpoints.requestApi, { params, body: asked }, undefined, ANSWERS_MS));
  };
  return (
    <>
      <div class="call fields">
        {parameters.map(each => (
          <Field
            key={keyOfField(each)}
            of={each}
            value={values[keyOfField(each)] ?? ''}
            set={value => setValues(before => ({ ...before, [keyOfField(each)]: value }))}
          />
        ))}
        <label class="stack call-text">
          Further headers, one on each line
          <textarea
            class="mono"
            rows={2}
            spellcheck={false}
            value={headers}
            onInput={event => setHeaders(event.currentTarget.value)}
          />
        </label>
        {takesBody ? (
          <label class="stack call-text">
            {bodySchema === undefined ? 'Body' : 'Body, as its schema says'}
            <textarea
              class="mono"
              rows={Math.min(16, Math.max(4, body.split('\n').length))}
              spellcheck={false}
              value={body}
              onInput={event => setBody(event.currentTarget.value)}
            />
          </label>
        ) : null}
      </div>
      <Act verb="operate" namespace={namespace} look="primary" act={send}>
        Send it
      </Act>
      {answer === undefined ? null : <CallAnswer of={answer} namespace={namespace} />}
    </>
  );
}

function Field({
  of,
  value,
  set,
}: {
  readonly of: Parameter;
  readonly value: string;
  readonly set: (to: string) => void;
}) {
  const id = useId();
  const { name, required, description, schema } = of;
  const { type, enum: all } = schema as { readonly type?: string; readonly enum?: readonly unknown[] };
  const choices = all?.map(String) ?? (type === 'boolean' ? ['true', 'false'] : undefined);
  const isNumber = type === 'integer' || type === 'number';
  return (
    <div class="stack call-text" title={description}>
      <label htmlFor={id}>{`${name}, ${WHERE[of.in]}${required ? '' : ', if you like'}`}</label>
      {choices === undefined ? (
        <input
          id={id}
          type="text"
          inputMode={isNumber ? 'decimal' : 'text'}
          class="mono"
          spellcheck={false}
          required={required}
          value={value}
          onInput={event => set(event.currentTarget.value)}
        />
      ) : (
        <select id={id} value={value} onChange={event => set(event.currentTarget.value)}>
          {required ? null : <option value="">none</option>}
          {choices.map(each => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

const WHERE: Readonly<Record<Parameter['in'], string>> = {
  path: 'in the path',
  query: 'in the query',
  header: 'a header',
  cookie: 'a cookie',
};

/** The value that the schema itself names; a person writes the rest. */
function firstOf({ required, schema }: Parameter): unknown {
  const { const: only, default: usual, enum: all, type } = schema as Readonly<Record<string, unknown>>;
  if (!required) return usual;
  return only ?? usual ?? (Array.isArray(all) ? all[0] : type === 'boolean' ? true : undefined);
}

function textOf(value: unknown): string {
  return value === undefined ? '' : String(value);
}

function bodyOf(schema: unknown): string {
  const example = exampleOf(schema);
  return example === undefined ? '' : JSON.stringify(example, undefined, 2);
}
