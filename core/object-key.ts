// Where objects of applications stand in the blob store: below their namespace, apart from what the platform keeps there itself.

export const OBJECTS = 'objects/';

/** `name`: as the application knows it, such as `uploads/cat.jpg`. */
export function objectKeyOf(namespace: string, name: string): string {
  return `${OBJECTS}${namespace}/${name}`;
}

/** The application's name of an object; undefined for what is none of the namespace. */
export function objectNameOf(namespace: string, key: string): string | undefined {
  const prefix = objectKeyOf(namespace, '');
  return key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
}
