// `tenfold export`: writes what the resources say in the words of other tools.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { toOpenApi } from '../../gateway/openapi/document.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { CommandError } from '../command-error.ts';
import { renderData } from '../output/render.ts';
import { shortPath } from '../short-path.ts';
import type { Terminal } from '../terminal.ts';
import { toAsyncApi } from './asyncapi/document.ts';
import { toCatalog, toCatalogText } from './backstage/catalog.ts';

export interface ExportRequest {
  readonly format: 'asyncapi' | 'openapi' | 'backstage';
  readonly api: string | undefined;
  readonly topicPrefix: string;
  readonly owner: string;
  readonly lifecycle: string;
  /** The folder that files go into; undefined: stdout. */
  readonly to: string | undefined;
  readonly output: 'json' | 'yaml';
}

interface ExportedFile {
  readonly name: string;
  readonly text: string;
}

export async function exportAs(resources: ResourceSet, request: ExportRequest, terminal: Terminal): Promise<void> {
  if (resources.all.length === 0) {
    throw new CommandError('usage', 'There are no resources to export.', {
      hint: 'name a folder that has some, or see what a platform has with "tenfold get -A".',
    });
  }
  const files = filesOf(resources, request);
  if (request.to === undefined) {
    for (const { text } of files) terminal.print(text);
    return;
  }
  const folder = resolve(terminal.cwd, request.to);
  await mkdir(folder, { recursive: true });
  for (const { name, text } of files) {
    const file = join(folder, name);
    await writeFile(file, `${text}\n`);
    terminal.say(`${terminal.err.green('Written')}: ${shortPath(file, terminal.cwd)}`);
  }
}

function filesOf(resources: ResourceSet, request: ExportRequest): readonly ExportedFile[] {
  const { format, topicPrefix, output } = request;
  if (format === 'backstage') {
    const entities = toCatalog(resources, topicPrefix, request);
    return [
      output === 'json'
        ? { name: 'catalog-info.json', text: renderData(entities, 'json') }
        : { name: 'catalog-info.yaml', text: toCatalogText(entities) },
    ];
  }
  if (format === 'asyncapi') {
    return [{ name: `asyncapi.${output}`, text: renderData(toAsyncApi(resources, topicPrefix), output) }];
  }
  return apisOf(resources, request).map(api => ({
    name: `${api.metadata.namespace}.${api.metadata.name}.openapi.${output}`,
    text: renderData(toOpenApi(api), output),
  }));
}

/** A document describes one Api, so several need a folder. */
function apisOf(resources: ResourceSet, { api, to }: ExportRequest): readonly Resource<'Api'>[] {
  const all = resources.ofKind('Api');
  const found = api === undefined ? all : all.filter(({ metadata }) => metadata.name === api);
  const names = all.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ');
  if (found.length === 0) {
    const message = all.length === 0 ? 'There is no Api.' : `There is no Api "${api}" among ${names}.`;
    throw new CommandError('usage', message, {
      hint: 'see the Apis of a running platform with "tenfold get apis -A".',
    });
  }
  if (found.length > 1 && to === undefined) {
    throw new CommandError('usage', `There are ${found.length} Apis, and a document describes one: ${names}.`, {
      hint: 'name one with --api NAME and -n NAMESPACE, or write a file for each with --to DIR.',
    });
  }
  return found;
}
