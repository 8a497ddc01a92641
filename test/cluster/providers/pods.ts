// What tests read of pods.
import { read, readList, readText } from '../../../k8s/api/kube-object.ts';

export function textOf(value: unknown, ...path: readonly string[]): string {
  return readText(value, ...path) ?? '';
}

/** As the restricted level of Pod Security asks for it, in the pod or in its container. */
export function isRestricted(pod: unknown, container: unknown): boolean {
  const context = (name: string) => read(container, 'securityContext', name) ?? read(pod, 'securityContext', name);
  return (
    context('runAsNonRoot') === true &&
    context('allowPrivilegeEscalation') === false &&
    JSON.stringify(context('capabilities')) === '{"drop":["ALL"]}' &&
    readText(context('seccompProfile'), 'type') === 'RuntimeDefault'
  );
}

/** Values, or `secretKeyRef NAME/KEY`. */
export function variablesOf(container: unknown): Record<string, string> {
  const entries = readList(container, 'env').map(variable => {
    const source = read(variable, 'valueFrom');
    if (source === undefined) return [textOf(variable, 'name'), textOf(variable, 'value')];
    const kind = Object.keys(source as object)[0] ?? '';
    return [textOf(variable, 'name'), `${kind} ${textOf(source, kind, 'name')}/${textOf(source, kind, 'key')}`];
  });
  return Object.fromEntries(entries);
}
