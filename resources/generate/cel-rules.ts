// Rules as the API server checks them: CEL over `self` in `x-kubernetes-validations`.

export interface CelRule {
  readonly rule: string;
  readonly message: string;
}

/**
 * Words that a member may be called and CEL may not; the API server knows them by another spelling.
 */
const RESERVED = new Set([
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import'],
  ...['let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'],
]);

export function exactlyOneOfRule(keys: readonly string[]): CelRule {
  return {
    rule: `[${keys.map(key => `has(self.${celName(key)})`).join(', ')}].filter(given, given).size() == 1`,
    message: `exactly one of ${keys.join(', ')} must be given`,
  };
}

/** https://kubernetes.io/docs/reference/using-api/cel/#escaping */
function celName(name: string): string {
  if (RESERVED.has(name)) return `__${name}__`;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}
