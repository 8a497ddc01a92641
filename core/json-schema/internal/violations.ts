// Puts what Ajv reports into plain words.
import type { ErrorObject } from 'ajv';

export function describeViolation(error: ErrorObject): { pointer: string; message: string } {
  return { pointer: error.instancePath + memberOf(error), message: words(error) };
}

/**
 * The pointer of a member that is missing or too many: the place to look at is
 * the member, not its owner.
 */
function memberOf(error: ErrorObject): string {
  const { missingProperty, additionalProperty, unevaluatedProperty, propertyName } = error.params;
  const member: unknown = missingProperty ?? additionalProperty ?? unevaluatedProperty ?? propertyName;
  return typeof member === 'string' ? `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}` : '';
}

function words(error: ErrorObject): string {
  const { params } = error;
  switch (error.keyword) {
    case 'required':
      return 'is missing';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not allowed';
    case 'type':
      return `must be ${[params['type']].flat().join(' or ')}`;
    case 'enum':
      return `must be one of ${[params['allowedValues']]
        .flat()
        .map(value => JSON.stringify(value))
        .join(', ')
        .slice(0, 500)}`;
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue']).slice(0, 500)}`;
    case 'format':
      return `must be in the format "${params['format']}"`;
    case 'pattern':
      return `must match the pattern ${params['pattern']}`;
    default:
      return error.message ?? `breaks the rule "${error.keyword}"`;
  }
}
