import type { QueryRunner } from 'typeorm';

/**
 * Adds words to a check constraint that lists them, and keeps those that are there: several features have kinds of
 * their own, and none of them has to know the others'.
 * A constraint that does not list them, because it leaves that to the program, stays as it is.
 * @param example a word that is in the list, if it is one
 * @param write the new condition, from all the words quoted for SQL
 */
export const extendWords = async (
  runner: QueryRunner,
  table: string,
  constraint: string,
  example: string,
  words: readonly string[],
  write: (list: string) => string,
): Promise<void> => {
  const rows = (await runner.query(
    `select pg_get_constraintdef(oid) as definition from pg_constraint
     where conrelid = to_regclass($1) and conname = $2`,
    [table, constraint],
  )) as { definition: string }[];
  const [found] = rows;
  if (!found?.definition.includes(`'${example}'`)) return;
  const known = [...found.definition.matchAll(/'(\w+)'/g)].map(([, word = '']) => word);
  const all = [...new Set([...known, ...words])].map((word) => `'${word}'`).join(', ');
  await runner.query(`alter table ${table} drop constraint ${constraint}`);
  await runner.query(`alter table ${table} add constraint ${constraint} check (${write(all)})`);
};
