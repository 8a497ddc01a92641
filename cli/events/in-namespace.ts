// The namespace in a command that is shown to people.

/** ` -n shop`, always: without it, the context of whoever pastes the command names another one. */
export function inNamespace(namespace: string): string {
  return ` -n ${namespace}`;
}
