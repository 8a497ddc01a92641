// The reference page shows these functions of the library, which expressions use as they are.

export interface BuiltIn {
  readonly group: 'types' | 'lists' | 'texts' | 'times' | 'bytes' | 'optional values';
  readonly call: string;
  /** One sentence for the reference page. */
  readonly says: string;
  /** An expression without variables, and the JSON that it gives. */
  readonly example: readonly [source: string, value: unknown];
}

export const builtIns: readonly BuiltIn[] = [
  { group: 'types', call: 'bool(text)', says: 'reads true or false', example: ["bool('true')", true] },
  {
    group: 'types',
    call: 'int(value)',
    says: 'reads a whole number, or leaves a fraction out',
    example: ["int('12') + int(1.9)", 13],
  },
  {
    group: 'types',
    call: 'uint(value)',
    says: 'does so for a number that is never negative',
    example: ["uint('12')", 12],
  },
  { group: 'types', call: 'double(value)', says: 'reads a number with a fraction', example: ["double('1.5')", 1.5] },
  {
    group: 'types',
    call: 'string(value)',
    says: 'writes a number, true or false, or bytes in UTF-8 as text',
    example: ['string(12)', '12'],
  },
  {
    group: 'types',
    call: 'type(value)',
    says: 'gives the type, to compare with int, double, string, bool, list, map or null_type',
    example: ["type('a') == string", true],
  },
  {
    group: 'types',
    call: 'dyn(value)',
    says: 'has the type looked at in the evaluation only',
    example: ['dyn(1) == 1.0', true],
  },
  {
    group: 'types',
    call: 'size(value)',
    says: 'counts characters, bytes, or members; also `value.size()`',
    example: ["size('😀a')", 2],
  },
  {
    group: 'lists',
    call: 'list.all(x, condition)',
    says: 'says whether the condition holds for each',
    example: ['[1, 2].all(x, x > 0)', true],
  },
  {
    group: 'lists',
    call: 'list.exists(x, condition)',
    says: 'says whether it holds for at least one',
    example: ['[1, 2].exists(x, x > 1)', true],
  },
  {
    group: 'lists',
    call: 'list.exists_one(x, condition)',
    says: 'says whether it holds for exactly one',
    example: ['[1, 2].exists_one(x, x > 0)', false],
  },
  {
    group: 'lists',
    call: 'list.filter(x, condition)',
    says: 'keeps those for which it holds',
    example: ['[1, 2, 3].filter(x, x > 1)', [2, 3]],
  },
  {
    group: 'lists',
    call: 'list.map(x, expression)',
    says: 'gives a list of what the expression gives for each; `map(x, condition, expression)` keeps some',
    example: ['[1, 2].map(x, x * 10)', [10, 20]],
  },
  {
    group: 'lists',
    call: 'list.join(separator)',
    says: 'puts texts together',
    example: ["['a', 'b'].join('-')", 'a-b'],
  },
  {
    group: 'lists',
    call: 'cel.bind(name, value, expression)',
    says: 'names a value that is used more than once',
    example: ['cel.bind(n, 2 + 3, n * n)', 25],
  },
  {
    group: 'texts',
    call: 'text.contains(part)',
    says: 'says whether the part is in the text',
    example: ["'order'.contains('rd')", true],
  },
  {
    group: 'texts',
    call: 'text.startsWith(part)',
    says: 'says whether the text begins so',
    example: ["'order'.startsWith('or')", true],
  },
  {
    group: 'texts',
    call: 'text.endsWith(part)',
    says: 'says whether the text ends so',
    example: ["'order'.endsWith('er')", true],
  },
  {
    group: 'texts',
    call: 'text.matches(pattern)',
    says: 'says whether an RE2 pattern matches a part of the text',
    example: ["'AB-12'.matches('^[A-Z]+-[0-9]+$')", true],
  },
  {
    group: 'texts',
    call: 'text.split(separator)',
    says: 'gives the parts; `split(separator, limit)` gives so many at most',
    example: ["'a,b'.split(',')", ['a', 'b']],
  },
  { group: 'texts', call: 'text.trim()', says: 'leaves space at both ends out', example: ["' a '.trim()", 'a'] },
  {
    group: 'times',
    call: 'duration(text)',
    says: 'reads a duration such as `1h30m`, `1.5s` or `250ms`',
    example: ["duration('90m') > duration('1h')", true],
  },
  { group: 'bytes', call: 'bytes(text)', says: 'gives the text in UTF-8', example: ["bytes('é').size()", 2] },
  { group: 'bytes', call: 'bytes.hex()', says: 'writes bytes in hexadecimal', example: ["b'az'.hex()", '617a'] },
  {
    group: 'bytes',
    call: 'bytes.base64()',
    says: 'writes bytes in base64',
    example: ["b'hello'.base64()", 'aGVsbG8='],
  },
  { group: 'bytes', call: 'bytes.string()', says: 'reads bytes as UTF-8', example: ["b'az'.string()", 'az'] },
  { group: 'bytes', call: 'bytes.at(index)', says: 'gives one byte', example: ["b'az'.at(0)", 97] },
  {
    group: 'optional values',
    call: 'has(value.member)',
    says: 'says whether a member is there',
    example: ["cel.bind(v, {'a': 1}, has(v.b))", false],
  },
  {
    group: 'optional values',
    call: 'value.?member',
    says: 'gives a member that may be missing; `list[?0]` does so for an item',
    example: ["{'a': 1}.?b.orValue(2)", 2],
  },
  {
    group: 'optional values',
    call: 'optional.of(value)',
    says: 'gives an optional value that is there',
    example: ['optional.of(1).hasValue()', true],
  },
  {
    group: 'optional values',
    call: 'optional.none()',
    says: 'gives one that is missing',
    example: ['optional.none().hasValue()', false],
  },
  {
    group: 'optional values',
    call: 'optional.hasValue()',
    says: 'says whether it is there',
    example: ["{'a': 1}.?a.hasValue()", true],
  },
  {
    group: 'optional values',
    call: 'optional.value()',
    says: 'gives the value, and fails where it is missing',
    example: ["{'a': 1}.?a.value()", 1],
  },
  {
    group: 'optional values',
    call: 'optional.or(other)',
    says: 'takes another optional value where it is missing',
    example: ["{'a': 1}.?b.or({'a': 1}.?a).orValue(0)", 1],
  },
  {
    group: 'optional values',
    call: 'optional.orValue(value)',
    says: 'takes that value where it is missing',
    example: ["{'a': 1}.?b.orValue(0)", 0],
  },
];
