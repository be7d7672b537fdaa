/** What usage can be grouped by beside tags, and the column that holds it. */
const COLUMNS: Readonly<Record<string, string>> = {
  user: 'user_id::text',
  agent: 'agent_id::text',
  conversation: 'conversation_id::text',
  run: 'run_id::text',
  document: 'document_id::text',
  apiKey: 'api_key_id::text',
  provider: 'provider',
  model: 'model',
  unit: 'unit',
};
/** Tags that have a name of their own; any other is `tag:<name>`. */
const TAGS = ['client', 'project', 'workflow'];

export const groupNames = [...Object.keys(COLUMNS), ...TAGS];

export const MOST_GROUPS = 4;

export type Bucket = 'day' | 'month';

/** A grouping as SQL: one expression a key, with the values that they refer to from `$4` on. */
export interface Grouping {
  readonly names: readonly string[];
  readonly expressions: readonly string[];
  readonly values: readonly string[];
}

/** Whether usage can be grouped by it. */
export const isGroupName = (name: string): boolean =>
  groupNames.includes(name) || /^tag:[a-z][a-z0-9_]{0,39}$/.test(name);

/**
 * @param names checked before by `isGroupName`; none twice
 * @param bucket the first key is then the day (`2026-11-21`) or the month (`2026-11`) in the zone
 */
export const groupingOf = (names: readonly string[], bucket: Bucket | undefined, zone: string): Grouping => {
  const values: string[] = [];
  const parameter = (value: string): string => `$${3 + values.push(value)}`;
  const expressions = [
    ...(bucket === undefined
      ? []
      : [
          `to_char(created_at at time zone ${parameter(zone)}::text, '${bucket === 'day' ? 'YYYY-MM-DD' : 'YYYY-MM'}')`,
        ]),
    ...names.map((name) => COLUMNS[name] ?? `tags ->> ${parameter(name.replace(/^tag:/, ''))}::text`),
  ];
  return { names: [...(bucket === undefined ? [] : [bucket]), ...names], expressions, values };
};
