// The operations of an Api as its OpenAPI document has them, and the request that the fields of one
// make.
import type { OpenApiDocument } from '../../../../gateway/openapi/document.ts';
import type { Parameter } from '../../../../gateway/openapi/operation.ts';
import type { CallForm } from '../function/to-request.ts';

export interface ShownOperation {
  /** `POST /orders/{id}`, below the base path. */
  readonly title: string;
  readonly method: string;
  readonly template: string;
  readonly summary: string | undefined;
  readonly parameters: readonly Parameter[];
  /** Of a JSON body. */
  readonly bodySchema: unknown;
  readonly takesBody: boolean;
}

interface Written {
  readonly summary?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> };
}

const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** The admin API sends no others. */
const SENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function operationsOf({ paths }: OpenApiDocument): ShownOperation[] {
  return Object.entries(paths).flatMap(([template, item]) =>
    Object.entries(item).flatMap(([word, written]) => {
      const method = word.toUpperCase();
      if (!SENT.has(method)) return [];
      const { summary, parameters = [], requestBody } = written as Written;
      return {
        title: `${method} ${template}`,
        method,
        template,
        summary,
        parameters,
        bodySchema: requestBody?.content?.['application/json']?.schema,
        takesBody: !WITHOUT_BODY.has(method),
      };
    }),
  );
}

export function keyOfField({ name, in: place }: Pick<Parameter, 'name' | 'in'>): string {
  return `${place} ${name}`;
}

/** Below the host: the base path, and the version where it is in the path. */
export function baseOf({ servers }: OpenApiDocument): string {
  const [{ url } = { url: '/' }] = servers as readonly { readonly url: string }[];
  const path = url.replace(/^https?:\/\/[^/]+/, '');
  return path === '/' ? '' : path;
}

export interface Filled {
  /** By `keyOfField`. */
  readonly values: Readonly<Record<string, string>>;
  /** Further headers, one on each line. */
  readonly headers: string;
  readonly body: string;
}

/** Throws with words for people where a required field is empty. */
export function toCallForm(base: string, operation: ShownOperation, { values, headers, body }: Filled): CallForm {
  const given = operation.parameters.flatMap(parameter => {
    const value = values[keyOfField(parameter)] ?? '';
    if (value === '' && parameter.required) throw new Error(`Fill in “${parameter.name}” first.`);
    if (value !== '' && isNumber(parameter) && !Number.isFinite(Number(value)))
      throw new Error(`“${parameter.name}” is a number.`);
    return value === '' ? [] : [{ ...parameter, value }];
  });
  const at = (place: Parameter['in']) => given.filter(each => each.in === place);
  const inPath = new Map(at('path').map(({ name, value }) => [name, value]));
  const path = operation.template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encoded(name, inPath.get(name) ?? ''));
  const search = new URLSearchParams(at('query').map(({ name, value }): [string, string] => [name, value]));
  const cookies = at('cookie').map(({ name, value }) => `${name}=${value}`);
  const lines = [
    ...at('header').map(({ name, value }) => `${name}: ${value}`),
    ...(cookies.length === 0 ? [] : [`cookie: ${cookies.join('; ')}`]),
    headers,
  ];
  return {
    method: operation.method,
    path: base + path + (search.size === 0 ? '' : `?${search}`),
    headers: lines.join('\n'),
    body: operation.takesBody ? body : '',
  };
}

function isNumber({ schema }: Parameter): boolean {
  const { type } = schema as { readonly type?: unknown };
  return type === 'integer' || type === 'number';
}

/** The rest of a path may have slashes. */
function encoded(name: string, value: string): string {
  return name === 'rest' ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
}
