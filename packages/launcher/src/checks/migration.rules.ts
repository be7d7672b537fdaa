/** A statement of a migration that holds up everybody who uses the table, and what to write instead. */
export interface Blocking {
  readonly statement: string;
  readonly instead: string;
}

const bare = (name: string): string => name.replaceAll('"', '').split('.').at(-1) ?? name;

/** Tables that the migration makes itself: nobody uses them yet. */
const madeIn = (statements: readonly string[]): Set<string> =>
  new Set(
    statements.flatMap((sql) => {
      const found = /^create (?:unlogged |temp(?:orary)? )?table (?:if not exists )?([\w."]+)/i.exec(sql)?.[1];
      return found ? [bare(found)] : [];
    }),
  );

const VOLATILE = /default\s+(?:\(?\s*)?(?:gen_random_uuid|uuidv7|uuidv4|random|clock_timestamp|nextval)\s*\(/i;

/** What is wrong with one action of `alter table`. */
const inAlter = (action: string, validated: ReadonlySet<string>): string | undefined => {
  const column = /^alter (?:column )?([\w"]+) /i.exec(action)?.[1];
  if (/^add (?:column )?(?!constraint)/i.test(action) && VOLATILE.test(action))
    return 'add the column without a default, fill it in batches, then set the default';
  if (/^add (?:column )?(?!constraint)[\w"]+ .*\bgenerated always as\b.*\bstored\b/is.test(action))
    return 'every row is written anew: add a plain column and fill it in batches';
  if (/^add (?:constraint [\w"]+ )?(?:check|foreign key)/i.test(action) && !/\bnot valid\b/i.test(action))
    return 'add it NOT VALID, then VALIDATE CONSTRAINT in the next migration';
  if (/^add (?:constraint [\w"]+ )?(?:unique|primary key) ?\(/i.test(action))
    return 'create the unique index CONCURRENTLY, then add the constraint USING INDEX';
  if (column && /set not null/i.test(action) && !validated.has(bare(column)))
    return `first add CHECK (${bare(column)} is not null) NOT VALID and VALIDATE it: then this reads no row`;
  if (/ (?:set data )?type /i.test(action) && column)
    return 'add a column of the new type, write both, move readers over';
  if (/^rename/i.test(action)) return 'running code uses the old name: add the new one, write both, drop the old later';
  if (/^drop (?:column )?(?!constraint|not null|default)/i.test(action))
    return 'running code reads it: stop reading it in one release, drop it in the next, and say so in `locks`';
  return undefined;
};

const inStatement = (sql: string, made: ReadonlySet<string>, validated: ReadonlySet<string>): string | undefined => {
  const index = /^create (?:unique )?index (concurrently )?.*? ?on (?:only )?([\w."]+)/is.exec(sql);
  if (index && !made.has(bare(index[2] ?? '')) && !index[1])
    return 'create the index CONCURRENTLY, in a migration of its own with `transaction = false`';
  const alter = /^alter table (?:if exists )?(?:only )?([\w."]+)\s+(.*)$/is.exec(sql);
  if (alter && !made.has(bare(alter[1] ?? ''))) return inAlter((alter[2] ?? '').trim(), validated);
  const dropped = /^drop table (?:if exists )?([\w."]+)/i.exec(sql)?.[1];
  if (dropped && !made.has(bare(dropped))) return 'running code may use it: drop it one release after its last reader';
  if (/^(?:vacuum full|cluster|reindex (?!.*concurrently)|lock table)/i.test(sql)) return 'it locks the whole table';
  return undefined;
};

/**
 * Finds what would hold up a running installation. Strict on purpose: a statement that is harmless for a reason the
 * text does not show is marked with that reason.
 * @param statements of one migration, in order
 */
export const findBlocking = (statements: readonly string[]): Blocking[] => {
  const plain = statements.map((sql) => sql.replace(/--.*$/gm, '').replace(/\s+/g, ' ').trim());
  const made = madeIn(plain);
  const validated = new Set(
    plain.flatMap((sql) => /check \(\s*([\w"]+) is not null\s*\) not valid/i.exec(sql)?.[1]?.replaceAll('"', '') ?? []),
  );
  return plain.flatMap((statement) => {
    const instead = inStatement(statement, made, validated);
    return instead === undefined ? [] : [{ statement: statement.slice(0, 120), instead }];
  });
};
