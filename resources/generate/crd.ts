// The CustomResourceDefinition of each kind, made from its schema.
import { stringify } from 'yaml';
import { GROUP, type KindInfo, kinds, type PrinterColumn, VERSION } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind-names.ts';
import { GENERATED } from './marker.ts';
import { toNode } from './schema-node.ts';
import { statusSchema } from './status.ts';
import { type Structural, toStructural } from './structural.ts';

export function crd(kind: Kind): Structural {
  const info: KindInfo = kinds[kind];
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${info.plural}.${GROUP}`,
      labels: { 'app.kubernetes.io/name': 'tenfold', 'app.kubernetes.io/component': 'crds' },
    },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural: info.plural,
        singular: info.singular,
        shortNames: info.shortNames,
        categories: ['tenfold'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          additionalPrinterColumns: info.printerColumns.map(printerColumn),
          subresources: subresources(info),
          schema: { openAPIV3Schema: rootSchema(info) },
        },
      ],
    },
  };
}

export function crdFileName(kind: Kind): string {
  return `${GROUP}_${kinds[kind].plural}.yaml`;
}

export function crdFile(kind: Kind): string {
  // Helm and kubectl read YAML 1.1, in which `on` without quotes is true.
  return `# ${GENERATED}\n${stringify(crd(kind), { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function rootSchema(info: KindInfo): Structural {
  return {
    type: 'object',
    description: info.summary,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: 'Version of the format.' },
      kind: { type: 'string', description: 'Kind of the resource.' },
      metadata: { type: 'object' },
      spec: { ...toStructural(toNode(info.spec)), description: `What the ${info.kind} is to be.` },
      status: statusSchema(info),
    },
    'x-kubernetes-validations': [nameRule(info.kind)],
  };
}

/**
 * Names of all kinds but topics become host names and labels, which are shorter than
 * the names of objects may be.
 */
function nameRule(kind: Kind): Structural {
  return kind === 'Topic'
    ? { rule: 'self.metadata.name.size() <= 200', message: 'metadata.name has at most 200 characters' }
    : {
        rule: "self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",
        message: 'metadata.name has at most 63 characters and no dots',
      };
}

function subresources(info: KindInfo): Structural {
  if (info.kind !== 'Function') return { status: {} };
  return {
    status: {},
    scale: {
      specReplicasPath: '.spec.scale.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  };
}

function printerColumn({ name, type, jsonPath, wide }: PrinterColumn): Structural {
  return { name, type, jsonPath, priority: wide ? 1 : 0 };
}
