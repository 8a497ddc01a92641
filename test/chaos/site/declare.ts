// Writes the resources of one application as YAML.

/** How long a function may take: what hangs or answers later has failed. */
export const TIMEOUT_MS = 4000;

export interface Declare {
  resource(kind: string, name: string, spec: string): string;
  /** A Function by its name. */
  fn(name: string, more?: string): string;
}

/** `functions`: address of all of them, without a slash at the end. */
export function declareIn(namespace: string, functions: string): Declare {
  const resource = (kind: string, name: string, spec: string) =>
    `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec:\n${spec}\n`;
  return {
    resource,
    fn: (name, more = '') =>
      resource('Function', name, `  url: ${functions}/${name}\n  timeout: ${TIMEOUT_MS}ms${more}`),
  };
}
