// Volumes of the node's own disk, as somebody who runs machines of their own offers them: made
// beforehand, in a class that claims get by default.
import { randomUUID } from 'node:crypto';
import { chmod, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Node } from './node.ts';
import { NODE_NAME } from './parts.ts';

const CLASS = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'disk', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
};

export interface OfferedVolume {
  readonly name: string;
  /** Where its files are on this machine. */
  readonly path: string;
}

const pathOf = (node: Node, name: string) => join(node.folder, 'volumes', name);

/** One more that some claim may get. */
export async function offerVolume(node: Node): Promise<OfferedVolume> {
  const name = `disk-${randomUUID().slice(0, 8)}`;
  const path = pathOf(node, name);
  await mkdir(path, { recursive: true });
  // Whose group it is, the kubelet sets; the folders above must let pods through.
  await chmod(node.folder, 0o711);
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: CLASS.metadata.name,
      local: { path },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [NODE_NAME] }] },
          ],
        },
      },
    },
  };
  for (const object of [CLASS, volume]) await node.kubectl(['apply', '-f', '-'], JSON.stringify(object));
  return { name, path };
}

/** A claim to a new volume that has a copy of all files of another claim's. */
export async function copyClaim(node: Node, namespace: string, from: string, to: string): Promise<OfferedVolume> {
  const volumeName = ['get', 'pvc', from, `--namespace=${namespace}`, '--output=jsonpath={.spec.volumeName}'];
  const copy = await offerVolume(node);
  await cp(pathOf(node, await node.kubectl(volumeName)), copy.path, { recursive: true });
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: to, namespace },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: CLASS.metadata.name,
      volumeName: copy.name,
      resources: { requests: { storage: '10Gi' } },
    },
  };
  await node.kubectl(['apply', '-f', '-'], JSON.stringify(claim));
  return copy;
}
