import type pg from 'pg';
import type { Books } from './archive.format.ts';
import { identifier, named } from './sql.ts';

const exists = async (client: pg.Client, schema: string, table: string): Promise<boolean> => {
  const { rows } = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
    named(schema, table),
  ]);
  return rows[0]?.found ?? false;
};

/** What must be the same before and after: the sums of the ledger and the ends of the audit chains. */
export const readBooks = async (client: pg.Client, schemas: readonly string[]): Promise<Books> => {
  const books: Books = { ledger: [], audit: [] };
  for (const schema of schemas) {
    if ((await exists(client, schema, 'postings')) && (await exists(client, schema, 'accounts'))) {
      const { rows } = await client.query<Books['ledger'][number]>(
        `select a.currency, count(*)::int as postings, sum(p.amount)::text as total
         from ${named(schema, 'postings')} p
         join ${named(schema, 'accounts')} a on a.workspace_id = p.workspace_id and a.id = p.account_id
         group by a.currency order by a.currency`,
      );
      books.ledger.push(...rows);
    }
    if (!(await exists(client, schema, 'audit_log')) || !(await exists(client, schema, 'audit_heads'))) continue;
    const { rows } = await client.query<{ chains: number; records: number; heads: string }>(
      `select count(*)::int as chains,
         (select count(*)::int from ${identifier(schema)}.audit_log) as records,
         encode(sha256(convert_to(coalesce(
           string_agg(workspace_id || ' ' || sequence || ' ' || encode(hash, 'hex'), ',' order by workspace_id), ''
         ), 'UTF8')), 'hex') as heads
       from ${identifier(schema)}.audit_heads`,
    );
    books.audit.push(...rows.map((row) => ({ schema, ...row })));
  }
  return books;
};

/** What is wrong with the books after a restore, in words; empty when nothing is. */
export const compareBooks = (told: Books, found: Books): string[] => [
  ...found.ledger
    .filter(({ total }) => total !== '0')
    .map(({ currency, total }) => `the postings in ${currency} sum to ${total} instead of 0`),
  ...(JSON.stringify(told.ledger) === JSON.stringify(found.ledger) ? [] : ['the ledger is not that of the backup']),
  ...told.audit
    .filter((one) => !found.audit.some((other) => JSON.stringify(other) === JSON.stringify(one)))
    .map(({ schema }) => `the audit chains of ${schema} do not end where they did`),
];
