// Names as Kubernetes allows them, and names of our own inside a resource.
import * as z from 'zod';
import type { Kind } from '../kind-names.ts';
import { type Marks, withMarks } from './marks.ts';

/** DNS-1123 label (RFC 1123): what becomes a host name, a Service or a consumer group. */
const LABEL_PATTERN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';
/** DNS-1123 subdomain: labels joined by dots, such as `orders.created`. */
const SUBDOMAIN_PATTERN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';
const IDENTIFIER_PATTERN = '^[A-Za-z_][A-Za-z0-9_]*$';
/** RFC 9110 §5.6.2 `token`, in lower case: the only spelling we write. */
const HEADER_PATTERN = "^[a-z0-9!#$%&'*+.^_`|~-]+$";
/** Words of CEL: no variable can be called so. */
const RESERVED =
  /^(as|break|const|continue|else|false|for|function|if|import|in|let|loop|namespace|null|package|return|true|var|void|while)$/;

const LABEL_WRONG =
  'A name has lower-case letters, digits and "-", begins and ends with a letter or digit, and has at most 63 characters.';
const SUBDOMAIN_WRONG =
  'A name has lower-case letters, digits, "-" and ".", each part between dots begins and ends with a letter or digit.';

export function label() {
  return withMarks(z.string(LABEL_WRONG).max(63, LABEL_WRONG).regex(new RegExp(LABEL_PATTERN), LABEL_WRONG), {
    typeName: 'name',
  });
}

/**
 * At most 200 characters, so that Kafka topic names made from it (limit 249)
 * have room for a namespace.
 */
export function subdomain() {
  const schema = z
    .string(SUBDOMAIN_WRONG)
    .max(200, SUBDOMAIN_WRONG)
    .regex(new RegExp(SUBDOMAIN_PATTERN), SUBDOMAIN_WRONG);
  return withMarks(schema, { typeName: 'name' });
}

/** The name of a resource of `kind` in the same namespace. */
export function reference(kind: Kind) {
  return withMarks(kind === 'Topic' ? subdomain() : label(), { reference: kind, typeName: `${kind} name` });
}

/** The name of a Kubernetes object in the same namespace. */
export function externalReference(kind: NonNullable<Marks['external']>) {
  const schema = z
    .string(SUBDOMAIN_WRONG)
    .max(253, SUBDOMAIN_WRONG)
    .regex(new RegExp(SUBDOMAIN_PATTERN), SUBDOMAIN_WRONG);
  return withMarks(schema, { external: kind, typeName: `${kind} name` });
}

/** A name that expressions can use as a variable. */
export function identifier() {
  const wrong =
    'A name used in expressions has letters, digits and "_", does not begin with a digit, and is no word of CEL.';
  return z
    .string(wrong)
    .max(63, wrong)
    .regex(new RegExp(IDENTIFIER_PATTERN), wrong)
    .refine(text => !RESERVED.test(text), wrong);
}

/** The name of an HTTP header or a trailer, in lower case. */
export function headerName() {
  const wrong = 'A header name is written in lower case, without spaces or colons, such as x-request-id.';
  return withMarks(z.string(wrong).max(128, wrong).regex(new RegExp(HEADER_PATTERN), wrong), {
    typeName: 'header name',
  });
}
