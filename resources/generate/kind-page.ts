// The reference page of a kind: its purpose, an example that works, and every field.
import { readFileSync } from 'node:fs';
import { API_VERSION, type KindInfo, kinds } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind-names.ts';
import { bounds, type Field, fieldsOf, typeName } from './fields.ts';
import { GENERATED } from './marker.ts';
import { type SchemaNode, toNode } from './schema-node.ts';

export function kindFileName(kind: Kind): string {
  return kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

/** The example of a kind as YAML; a test proves that it is valid. */
export function exampleOf(kind: Kind): string {
  return readFileSync(new URL(`../kinds/examples/${kindFileName(kind)}.yaml`, import.meta.url), 'utf8');
}

export function kindPage(kind: Kind): string {
  const info: KindInfo = kinds[kind];
  const spec = toNode(info.spec);
  const fields = fieldsOf(spec, 'spec');
  const names = [info.plural, ...info.shortNames].map(name => `\`${name}\``).join(', ');
  return [
    `<!-- ${GENERATED} -->`,
    `# ${kind}`,
    '',
    `${info.summary} Pattern ${info.pattern} of the ten.`,
    '',
    `\`apiVersion: ${API_VERSION}\`, \`kind: ${kind}\`; for \`kubectl\` and \`tenfold get\`: ${names}.`,
    '',
    '## Example',
    '',
    '```yaml',
    exampleOf(kind).trimEnd(),
    '```',
    '',
    '## Fields',
    '',
    '`[]` stands for each item of a list, `*` for each name of your choice. Durations are `300ms`, `30s`, `15m`, `6h`, `7d`; sizes `512Ki`, `1Mi` or bytes; rates `100/s`; percentages `0.1%`.',
    '',
    '| field | type | default | required | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...fields.map(row),
    '',
    ...rulesSection(spec, fields),
  ].join('\n');
}

function row({ path, node, required }: Field): string {
  const value = node.default === undefined ? '' : `\`${JSON.stringify(node.default).replaceAll('"', '')}\``;
  const cells = [`\`${path}\``, typeName(node) + bounds(node), value, required ? 'yes' : '', node.description ?? ''];
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function rulesSection(spec: SchemaNode, fields: readonly Field[]): string[] {
  const rules = [{ path: 'spec', node: spec }, ...fields].flatMap(({ path, node }) => rulesOf(path, node));
  return rules.length === 0 ? [] : ['## Rules', '', ...rules.map(rule => `- ${rule}`), ''];
}

function rulesOf(path: string, node: SchemaNode): string[] {
  const keys = node.marks?.exactlyOneOf?.map(key => `\`${key}\``).join(', ');
  const further = node.marks?.rules?.map(({ message }) => `\`${path}\`: ${message}`) ?? [];
  const inside = [...(node.anyOf ?? []), ...(node.items ? [node.items] : [])].flatMap(inner =>
    rulesOf(inner === node.items ? `${path}[]` : path, inner),
  );
  return [...(keys ? [`\`${path}\`: exactly one of ${keys}.`] : []), ...further, ...inside];
}
