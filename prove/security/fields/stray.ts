import { formsOf, type Schema } from '../../api/schema.ts';

/** Names that no answer has, whatever its schema says. */
const SECRET = /^(password|passwordHash|hash|secret|privateKey|sealed\w*|tokenHash|recoveryHash|ciphertext)$/i;
/** Where a schema lists them: a secret that is shown once, to the one it is for, and the digest of an audit record. */
const LISTED = new Set(['secret', 'hash']);

const isOpen = ({ additionalProperties: more }: Schema): boolean => more !== undefined && more !== false;

/** Properties of an answer that its schema does not list, and those that no schema should. @returns their paths */
export const strayFields = (value: unknown, schema: Schema, at = ''): string[] => {
  if (Array.isArray(value)) {
    const items = formsOf(schema).find((form) => form.items)?.items ?? {};
    return value.flatMap((one) => strayFields(one, items, `${at}[]`));
  }
  if (typeof value !== 'object' || value === null) return [];
  const forms = [...formsOf(schema), ...(schema.allOf ?? [])].flatMap((form) => [...formsOf(form)]);
  // A schema without properties describes nothing, so there is nothing to compare with.
  if (forms.length === 0 || forms.some((form) => !form.properties && isOpen(form))) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = at === '' ? name : `${at}.${name}`;
    const own = forms.find((form) => form.properties?.[name])?.properties?.[name];
    if (SECRET.test(name) && !(own && LISTED.has(name))) return [path];
    if (!own) return forms.some((form) => isOpen(form)) ? [] : [path];
    return strayFields(inner, own, path);
  });
};
