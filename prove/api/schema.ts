/** As much of JSON Schema as the documents use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

const DEEPEST = 12;

/** Replaces references by what they refer to; recursive schemas end at a depth nothing here reaches. */
export const resolver = (document: Readonly<Record<string, unknown>>) => {
  const find = (ref: string): Schema =>
    ref
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document) as Schema;
  const map = (schema: Schema, depth = 0): Schema => {
    if (depth > DEEPEST) return {};
    if (schema.$ref) return map(find(schema.$ref), depth + 1);
    const each = (list: readonly Schema[]): Schema[] => list.map((one) => map(one, depth + 1));
    const { properties, items, anyOf, oneOf, allOf, additionalProperties: more } = schema;
    return {
      ...schema,
      ...(properties && {
        properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, map(one, depth + 1)])),
      }),
      ...(items && { items: map(items, depth + 1) }),
      ...(anyOf && { anyOf: each(anyOf) }),
      ...(oneOf && { oneOf: each(oneOf) }),
      ...(allOf && { allOf: each(allOf) }),
      ...(typeof more === 'object' && { additionalProperties: map(more, depth + 1) }),
    };
  };
  return map;
};

/** The forms that a value may have. */
export const formsOf = (schema: Schema): readonly Schema[] => schema.anyOf ?? schema.oneOf ?? [schema];

/** Whether a text property is to hold an id of something. */
export const isId = (schema: Schema): boolean => formsOf(schema).some(({ format }) => format === 'uuid');

const text = (schema: Schema): string => {
  if (schema.format === 'uuid') return crypto.randomUUID();
  if (schema.format === 'email') return `made-up-${crypto.randomUUID().slice(0, 8)}@example.com`;
  if (schema.format === 'date-time') return '2031-05-06T07:08:09Z';
  if (schema.format === 'date') return '2031-05-06';
  if (schema.format === 'uri') return 'https://example.com/';
  if (schema.pattern === '^\\d{6}$') return '123456';
  return 'made-up-text'.padEnd(schema.minLength ?? 0, 'x');
};

/** A value that fits: what is required, and where nothing is, the first property, since a change must change something. */
export const exampleOf = (schema: Schema): unknown => {
  const [form = schema] = formsOf(schema);
  if (form !== schema) return exampleOf(form);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.type === 'string') return text(schema);
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(schema.minimum ?? 1, 1);
  if (schema.type === 'boolean') return true;
  if (schema.type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => exampleOf(schema.items ?? {}));
  if (schema.type !== 'object') return null;
  const entries = Object.entries(schema.properties ?? {});
  const required = entries.filter(([name]) => schema.required?.includes(name));
  const chosen = required.length > 0 ? required : entries.filter(([, one]) => !isId(one)).slice(0, 1);
  return Object.fromEntries(chosen.map(([name, one]) => [name, exampleOf(one)]));
};
