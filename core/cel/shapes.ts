// The objects that expressions meet: events, requests, and answers of services.
import type { ObjectType } from './scope.ts';

/**
 * Attributes of CloudEvents 1.0.2; all are text, also `time` (use
 * `timestamp(event.time)`), as in JSON.
 */
const ATTRIBUTES = ['id', 'source', 'type', 'specversion', 'subject', 'time', 'datacontenttype', 'dataschema'];

/**
 * CloudEvents §2.1: names of extension attributes are lower-case letters and digits, at most 20.
 */
function isExtensionName(name: string): boolean {
  return name.length <= 20 && /^[a-z0-9]+$/.test(name);
}

/**
 * A CloudEvent in its JSON form. `data` is whatever the event carries; extension
 * attributes are read by their names.
 */
export const eventType: ObjectType = {
  name: 'CloudEvent',
  fields: { ...Object.fromEntries(ATTRIBUTES.map(name => [name, 'string'])), data: 'dyn' },
  admits: isExtensionName,
};

/**
 * An HTTP request. Header names are lower case; a header or parameter that came
 * twice is joined with `, `.
 */
export const requestType: ObjectType = {
  name: 'Request',
  fields: {
    method: 'string',
    path: 'string',
    host: 'string',
    headers: 'map<string, string>',
    query: 'map<string, string>',
    cookies: 'map<string, string>',
    params: 'map<string, string>',
    body: 'dyn',
  },
};

/** Parameters taken from a path, e.g. `/orders/:id` gives `params.id`. */
export const paramsType = 'map<string, string>';

/** The answer of a service that an Aggregate called. */
export const responseType: ObjectType = {
  name: 'Response',
  fields: { status: 'int', headers: 'map<string, string>', body: 'dyn' },
};
